/** RAUC image: a bundle for the slots of a device, and the facts about it that its maker states. */
import * as z from 'zod'

/** Strict: a device installs no bundle with a field that it does not know. */
export const RaucImage = z.strictObject({
  format: z.literal('rauc'),
  /** [RAUC, "Manifest"] As in the manifest of the bundle. The device compares them before it installs. */
  version: z.string().min(1).max(64),
  compatible: z.string().min(1).max(120),
  description: z.string().max(500).optional(),
})
export type RaucImage = z.infer<typeof RaucImage>
