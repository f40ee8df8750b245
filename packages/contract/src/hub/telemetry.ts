/**
 * Telemetry: values of devices that the hub keeps. A device sends them from its queue, numbered lane by lane. The hub
 * takes each number once, in the transaction that also stores the last number. So a value is there exactly once,
 * whatever happens to either of the two.
 */
import * as z from 'zod'
import { Lane, SignalPath, SinkValue, StreamId } from '../sinks/sink-value.ts'
import { TagName } from '../sources/tag.ts'
import { InstantMs, Name } from '../values/names.ts'

/** Values of one message: a thousand of the usual size are a fifth of the link's limit. */
export const TELEMETRY_BATCH_MAX = 1_000

/** As JSON, so that it fits into a message of the link: arrays and texts may be long. */
export const TELEMETRY_BYTES_MAX = 900 * 1024

/**
 * The values that a hub keeps for one organisation: some gigabytes, which one machine with SQLite can hold. The oldest
 * hours are deleted for newer ones.
 */
export const TELEMETRY_VALUES_MAX = 20_000_000

/** From when they came in. Longer belongs into a database for it, by a sink of its own. */
export const TELEMETRY_AGE_MAX_MS = 30 * 86_400_000

/** The signals of one device. More are names that are made up on the way. */
export const TELEMETRY_SIGNALS_MAX = 5_000

export const TelemetryBatch = z.object({
  stream: StreamId,
  lane: Lane,
  /** The number of the first value; the others follow it. */
  first: z.int().min(1),
  values: z.array(SinkValue).min(1).max(TELEMETRY_BATCH_MAX),
})
export type TelemetryBatch = z.infer<typeof TelemetryBatch>

/** Up to here the lane is on the hub's disk, or lost before it came. */
export const TelemetryHeld = z.object({ last: z.int().min(0) })
export type TelemetryHeld = z.infer<typeof TelemetryHeld>

export const TelemetrySignal = z.strictObject({
  signal: SignalPath,
  unit: z.string().optional(),
  /** Where its newest value comes from; the tag only if it is one. */
  source: Name.optional(),
  tag: TagName.optional(),
  /** The number of all values that ever came in. */
  values: z.int().min(0),
  /** The newest by its own time. */
  newestAtMs: InstantMs,
  newestQuality: z.enum(['good', 'uncertain', 'bad']),
  newestNumber: z.number().optional(),
  newestText: z.string().optional(),
})
export type TelemetrySignal = z.infer<typeof TelemetrySignal>

/** More than a screen has columns. */
export const TELEMETRY_BUCKETS_MAX = 1_000

/** The most values that are read for one answer: a tenth of a second of the hub. */
export const TELEMETRY_ROWS_MAX = 200_000

export const TelemetryBucket = z.strictObject({
  /** The beginning of the bucket. */
  atMs: InstantMs,
  /** All values, and those of them that are bad. */
  count: z.int().min(1),
  bad: z.int().min(0),
  /** The least of its numbers, if there are any. */
  min: z.number().optional(),
  mean: z.number().optional(),
  max: z.number().optional(),
})
export type TelemetryBucket = z.infer<typeof TelemetryBucket>

export const TelemetrySeries = z.strictObject({
  signal: SignalPath,
  fromMs: InstantMs,
  toMs: InstantMs,
  bucketMs: z.int().min(1),
  buckets: z.array(TelemetryBucket).max(TELEMETRY_BUCKETS_MAX),
  /** There were more values than one request reads: the newer ones are missing. Request a shorter time. */
  isCut: z.boolean(),
})
export type TelemetrySeries = z.infer<typeof TelemetrySeries>
