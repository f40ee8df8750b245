/** The captures of a device's models, as the hub sends them and as the device reports that it holds them. */
import * as z from 'zod'
import { CaptureTask } from '../captures/capture.ts'
import { Digest } from '../values/digest.ts'
import { DeviceId } from '../values/ids.ts'
import { Name } from '../values/names.ts'
import type { HeldKind } from './held-document.ts'

/** Models of one device whose rows are kept. */
export const CAPTURE_RULES_MAX = 64

/** Some 100 bytes each. More wait for the next document. */
export const ERASURES_MAX = 1_000

/** The rules of one model. Not strict: a later hub may add fields. */
export const CaptureRule = z.object({
  model: Name,
  when: z.string().max(200).optional(),
  sample: z.number().min(0).max(1),
  /** Flow and signal, as `pump-anomaly/alarm`. A device of version 0.1.0 keeps no rows for them. */
  alarms: z.array(z.string().max(200)).max(16).optional(),
  keep: z.int().min(1),
  keepBytes: z.int().min(1),
  forSeconds: z.int().min(1),
  redact: z.array(z.string().min(1).max(220)).max(64),
  task: CaptureTask,
  output: z.string().max(200).optional(),
  /** The next rows of the version are kept, once for each id. A device of version 0.1.0 keeps none. */
  order: z.object({ id: z.string().min(1).max(64), version: z.int().min(1), rows: z.int().min(0) }).optional(),
})
export type CaptureRule = z.infer<typeof CaptureRule>

export const CapturesDocument = z.object({
  v: z.literal(1),
  deviceId: DeviceId,
  /** Identifies the rules and the salt, so that they need not be sent again. */
  revision: Digest,
  /** Of the keyed digests of subjects. */
  salt: z.string().regex(/^[0-9a-f]{64}$/),
  captures: z.array(CaptureRule).max(CAPTURE_RULES_MAX),
  /** Rows about these subjects are deleted. */
  erasures: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(ERASURES_MAX),
  /** After this document, the device has deleted up to this erasure of the organisation. */
  erased: z.int().min(0),
  /** The number of the newest label of the device's rows. Only for devices that report `labels`. */
  labels: z.int().min(0).optional(),
})
export type CapturesDocument = z.infer<typeof CapturesDocument>

/**
 * Not strict: a later device may report more. `boxes`: the device can redact boxes of pictures. Another one gets the
 * whole tensor to redact.
 */
export const HeldCaptures = z.object({
  revision: Digest.optional(),
  erased: z.int().min(0).optional(),
  boxes: z.boolean().optional(),
  /** The newest label that the device has fetched. Absent if it fetches none: its owner offers no captured rows. */
  labels: z.int().min(0).optional(),
})
export type HeldCaptures = z.infer<typeof HeldCaptures>

/** The row of this document. */
export const CAPTURES = {
  name: 'captures',
  document: CapturesDocument,
  held: HeldCaptures,
} satisfies HeldKind<CapturesDocument, HeldCaptures>
