/**
 * Sink value: a value on its way to a sink, which numbers it, stores it on disk and sends it on. It carries its origin
 * and its time.
 */
import * as z from 'zod'
import { TagContent, TagName } from '../sources/tag.ts'
import { InstantMs, Name } from '../values/names.ts'

/** The order of sending; dropping goes the other way: an alarm before measurements, and those before bulk data. */
export const Priority = z.enum(['urgent', 'normal', 'bulk'])
export type Priority = z.infer<typeof Priority>

/** As flows name their signals, or `source/tag`. */
export const SignalPath = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_./-]{0,191}$/, 'must be 1 to 192 letters, digits, _ . / and -, such as press-7/speed')
export type SignalPath = z.infer<typeof SignalPath>

/** As for tags: people write °C, bar or 1/min. */
export const UNIT_LENGTH_MAX = 20

/**
 * Where a value comes from: the source, and the tag if it is only one, also if steps of a flow have computed the value
 * from it.
 */
const ValueShape = {
  signal: SignalPath,
  source: Name.optional(),
  tag: TagName.optional(),
  flow: Name.optional(),
  unit: z.string().min(1).max(UNIT_LENGTH_MAX).optional(),
  /** The time of the value by the equipment or the flow; never the time of sending. */
  eventTimeMs: InstantMs,
}

/** Why the value is doubtful or missing: a code, because messages would repeat for thousands of values. */
const Cause = z.string().min(1).max(64)

export const SinkValue = z.discriminatedUnion('quality', [
  z.object({ ...ValueShape, quality: z.literal('good'), value: TagContent }),
  z.object({ ...ValueShape, quality: z.literal('uncertain'), value: TagContent, cause: Cause }),
  z.object({ ...ValueShape, quality: z.literal('bad'), cause: Cause }),
])
export type SinkValue = z.infer<typeof SinkValue>

/**
 * Lane: a queue that keeps its order on the way out. Each priority has two: one for new values, and one for values that
 * had to wait while the sink was down. The second is sent beside the first at a rate of its own.
 */
export const Lane = z.enum(['urgent', 'urgent-late', 'normal', 'normal-late', 'bulk', 'bulk-late'])
export type Lane = z.infer<typeof Lane>

/** A queue on a disk: a new one has a new name, so that no number is ever used for two values. */
export const StreamId = z.string().regex(/^[0-9a-f]{16}$/)
export type StreamId = z.infer<typeof StreamId>

/** Values of one lane, numbered without a gap from `first`. */
export type SinkBatch = { stream: StreamId; lane: Lane; first: number; values: readonly SinkValue[] }

/** The same id for the same value in every delivery, so that a receiver can detect a duplicate. */
export const sinkValueId = ({ stream, lane }: Pick<SinkBatch, 'stream' | 'lane'>, sequence: number): string =>
  `${stream}.${lane}.${sequence}`
