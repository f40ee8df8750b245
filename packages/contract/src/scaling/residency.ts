/** Residency: the models in the memory of a device, and the limit of it. */
import * as z from 'zod'

const bytes = z.int().min(0)

export const ResidentModel = z.object({
  /** The model and its version, such as `reader/3`. */
  name: z.string().max(100),
  /** Of all its workers, estimated by the size of its files. */
  bytes,
  /** It never leaves the memory, because its policy wants a worker at least, or because it has none. */
  pinned: z.boolean(),
  /** Since its last request, or since it was loaded. */
  idleSeconds: z.int().min(0),
})
export type ResidentModel = z.infer<typeof ResidentModel>

/** As many as a report has items: each item may have a version that serves, and one on its way. */
const RESIDENTS_MAX = 512

export const DeviceResidency = z.object({
  limitBytes: bytes,
  usedBytes: bytes,
  /** Models that left the memory for others since the runner began. */
  evictions: bytes,
  /** Models that wait for room now. */
  waiting: bytes,
  models: z.array(ResidentModel).max(RESIDENTS_MAX),
})
export type DeviceResidency = z.infer<typeof DeviceResidency>
