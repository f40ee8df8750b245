/** What a device should run, whole: the document that the hub derives for it and the device obeys. */
import * as z from 'zod'
import { Digest } from './digest.ts'
import { DeploymentId, DeviceId } from './ids.ts'
import { ITEMS_MAX } from './item.ts'
import { ModelFile } from './model.ts'
import { Name } from './names.ts'
import { Probation, Serving, Shadow, SwitchOver } from './serving.ts'
import { SigstoreBundle } from './signature.ts'
import { ExtraSignatures } from './trust.ts'
import { UpdateWindows } from './update-window.ts'

/** One model that the device should serve under its name. */
export const DesiredItem = z.strictObject({
  model: Name,
  deploymentId: DeploymentId,
  revision: z.int().min(1),
  version: z.int().min(1),
  /** Names the version's files as a set; what failed is remembered under it. */
  digest: Digest,
  files: z.array(ModelFile).min(1).max(1_024),
  bundle: SigstoreBundle,
  /** Of publishers, besides; absent where there are none. An agent too old for it refuses the document. */
  signatures: ExtraSignatures.min(1).optional(),
  serving: Serving,
  probation: Probation,
  /** What it must pass as a shadow of the serving version before it serves; an agent that does not know of it refuses the document. */
  shadow: Shadow.optional(),
  /** It goes as far as it can without serving, and waits there. */
  hold: z.literal(true).optional(),
  /** So long after requests have gone over to it, the version before stays loaded. */
  keepSeconds: SwitchOver.shape.keepSeconds.unwrap().optional(),
  /** Raised by a person to have a remembered failure tried again. */
  retryToken: z.int().min(0),
  /** Absent where there are none, or where this is the way back to what ran well. An agent too old for it refuses the document. */
  window: UpdateWindows.optional(),
  /** Update locks do not hold it. */
  ignoreLocks: z.boolean().optional(),
})
export type DesiredItem = z.infer<typeof DesiredItem>

export const DesiredDocument = z.strictObject({
  v: z.literal(1),
  deviceId: DeviceId,
  /** Assigned by the hub, and only ever rises; a device refuses a lower one. */
  generation: z.int().min(1),
  /** SHA-256 of the canonical JSON of `items`. */
  digest: Digest,
  items: z.array(DesiredItem).max(ITEMS_MAX),
})
export type DesiredDocument = z.infer<typeof DesiredDocument>
