/** What a device should run, whole: the document that the hub derives for it and the device obeys. */
import * as z from 'zod'
import { Digest } from './digest.ts'
import { DeploymentId, DeviceId } from './ids.ts'
import { ITEMS_MAX } from './item.ts'
import { ModelFile } from './model.ts'
import { Name } from './names.ts'
import { Probation, Serving } from './serving.ts'
import { SigstoreBundle } from './signature.ts'

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
  serving: Serving,
  probation: Probation,
  /** Raised by a person to have a remembered failure tried again. */
  retryToken: z.int().min(0),
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
