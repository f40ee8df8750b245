/** Sink value: what is handed to a sink, which numbers it, keeps it on disk and sends it on. It says where it is from and when it was so. */
import * as z from 'zod'
import { TagContent, TagName } from '../sources/tag.ts'
import { InstantMs, Name } from '../values/names.ts'

/** What goes first, and is dropped last: an alarm before what is measured, and that before what is only of use as a whole. */
export const Priority = z.enum(['urgent', 'normal', 'bulk'])
export type Priority = z.infer<typeof Priority>

/** As flows name their signals, or `source/tag`. */
export const SignalPath = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_./-]{0,191}$/, 'must be 1 to 192 letters, digits, _ . / and -, such as press-7/speed')
export type SignalPath = z.infer<typeof SignalPath>

const ValueShape = {
  signal: SignalPath,
  source: Name.optional(),
  tag: TagName.optional(),
  flow: Name.optional(),
  unit: z.string().min(1).max(20).optional(),
  /** When it was so, as the equipment or the flow says; never when it was sent. */
  eventTimeMs: InstantMs,
}

/** Why it is doubtful, or why there is none: a code, for messages are the same for thousands. */
const Cause = z.string().min(1).max(64)

export const SinkValue = z.discriminatedUnion('quality', [
  z.strictObject({ ...ValueShape, quality: z.literal('good'), value: TagContent }),
  z.strictObject({ ...ValueShape, quality: z.literal('uncertain'), value: TagContent, cause: Cause }),
  z.strictObject({ ...ValueShape, quality: z.literal('bad'), cause: Cause }),
])
export type SinkValue = z.infer<typeof SinkValue>

/**
 * Lane: what keeps its order on the way out. Each priority has two: what goes out as it comes in, and what had to wait while the sink was not there, which
 * is sent beside it at a rate of its own.
 */
export const Lane = z.enum(['urgent', 'urgent-late', 'normal', 'normal-late', 'bulk', 'bulk-late'])
export type Lane = z.infer<typeof Lane>

/** A queue on a disk: a new one has a new name, so that no number is ever used for two values. */
export const StreamId = z.string().regex(/^[0-9a-f]{16}$/)
export type StreamId = z.infer<typeof StreamId>

/** Values of one lane, numbered without a gap from `first`. */
export type SinkBatch = { stream: StreamId; lane: Lane; first: number; values: readonly SinkValue[] }

/** The same for the same value whenever it is sent: who gets it twice can tell. */
export const sinkValueId = ({ stream, lane }: Pick<SinkBatch, 'stream' | 'lane'>, sequence: number): string =>
  `${stream}.${lane}.${sequence}`
