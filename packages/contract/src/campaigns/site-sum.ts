/**
 * Site sum: a device of a site adds the updates of its site, so that the hub receives one body from the site. The device
 * is the site cache of its neighbours (chunks/site-cache.ts), and is called the aggregator here.
 *
 *     hub         PUT  /v1/campaign-updates/{campaign}/{round}/{attempt}  a report that offers its bytes: place and pass
 *     aggregator  PUT  /v1/campaign-sums/{campaign}/{round}/{attempt}     the bytes of one update, with the pass
 *     aggregator  GET  /v1/campaign-sums/{campaign}/{round}/{attempt}     the state of the update of the caller
 *     hub         PUT  /v1/campaign-sums/{campaign}/{round}/{attempt}     the sum, from the aggregator
 *
 * The hub counts an update once: in a sum, or as it comes from its device. A sum that names an update which the hub cannot
 * count is refused as a whole, and the devices send their updates to the hub.
 */
import * as z from 'zod'
import { KeyHash } from '../chunks/site-cache.ts'
import { statementEnvelope } from '../link/link-message.ts'
import { Digest } from '../values/digest.ts'
import { CampaignId, DeviceId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'

export const SUM_PASS_PAYLOAD_TYPE = 'application/vnd.skerry.sum-pass.v1+json'

/** The request header with the report of a sum: JSON in base64url. */
export const SUM_HEADER = 'skerry-campaign-sum'

/** The names and digests of so many updates fit in the headers of a request, which Node limits to 16 KiB. */
export const SUM_UPDATES_MAX = 64

/** The largest weight of one update: its rows, up to a million. */
const WEIGHT_MAX = 1_000_000

/**
 * The numbers of an update, and of its sum. weights: float32, and the sum is their weighted mean. steps: compressed to 8
 * bits, and the sum is the weighted mean step as float32. words: masked, and the sum wraps as each word does.
 */
export const SumForm = z.enum(['weights', 'steps', 'words'])
export type SumForm = z.infer<typeof SumForm>

/** Strict: an aggregator does not add an update by a pass with a field that it does not know. */
export const SumPass = z.strictObject({
  v: z.literal(1),
  campaign: CampaignId,
  round: z.int().min(1),
  attempt: z.int().min(1),
  /** The device whose update it is, and its key. */
  device: DeviceId,
  deviceKey: KeyHash,
  /** A hub signs for all of its organisations with one key, so an aggregator knows by this key that it is meant. */
  aggregatorKey: KeyHash,
  /** Of the bytes of the update, as the device has reported them to the hub. */
  digest: Digest,
  form: SumForm,
  /** The numbers of one update. */
  elements: z.int().min(1),
  /** Masked words carry their weight themselves. */
  weight: z.int().min(1).max(WEIGHT_MAX),
  /** The updates that the hub expects from this aggregator. */
  expected: z.int().min(1),
  /** The aggregator sends its sum at this time, whether or not all updates are there. By the clock of the hub. */
  sumByMs: InstantMs,
  expiresAtMs: InstantMs,
})
export type SumPass = z.infer<typeof SumPass>

export const SumPassEnvelope = statementEnvelope(SUM_PASS_PAYLOAD_TYPE)
export type SumPassEnvelope = z.infer<typeof SumPassEnvelope>

/** The place for the bytes of an offered update. Not strict: a later hub may add fields. */
export const SumPlace = z.object({
  device: Name,
  address: z.string().max(300),
  key: KeyHash,
  pass: SumPassEnvelope,
  /** Without a counted sum after this time, the device sends its update to the hub. */
  waitMs: z.int().min(0),
})
export type SumPlace = z.infer<typeof SumPlace>

/** The answer of an aggregator. `gone`: it does not have the update. Not strict: a later one may add fields. */
export const SumState = z.object({
  state: z.enum(['held', 'counted', 'refused', 'gone']),
  message: z.string().max(500).optional(),
})
export type SumState = z.infer<typeof SumState>

/** The report beside the bytes of a sum. Not strict: a later agent may report more. */
export const SumReport = z.object({
  /** Of the bytes beside it. */
  digest: Digest,
  updates: z
    .array(z.object({ device: DeviceId, digest: Digest }))
    .min(1)
    .max(SUM_UPDATES_MAX),
})
export type SumReport = z.infer<typeof SumReport>

/** Not strict: a later hub may add fields. */
export const SumReply = z.object({ counted: z.boolean(), reason: z.string().max(1_000).optional() })
export type SumReply = z.infer<typeof SumReply>
