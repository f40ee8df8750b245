/**
 * Flow look: the present activity of a flow on a device: its rates, the values of its signals, and the queues of its
 * sinks.
 */
import * as z from 'zod'
import { QueueLook } from '../hub/queue-look.ts'
import { UNIT_LENGTH_MAX } from '../sinks/sink-value.ts'
import { InstantMs, Name } from '../values/names.ts'
import { FLOW_INPUTS_MAX, FLOW_SINKS_MAX, FLOW_STEPS_MAX } from './flow.ts'
import { FlowPartFigures, FlowState } from './flow-figures.ts'

/** All newest values of one look together: a quarter of a megabyte, once a second. */
export const LOOK_VALUES_MAX = 4_000

/** A signal of 10 ms for more than a second. */
export const SEEN_PER_PART_MAX = 128

/** A line of a terminal. */
export const SEEN_TEXT_MAX = 200
export const SEEN_NUMBERS_MAX = 8

const Count = z.int().min(0)
const PerSecond = z.number().min(0)

/**
 * The first of several numbers; for a window the newest row. `omitted` counts the numbers, or characters of a text,
 * that are not shown.
 */
const SeenContent = {
  value: z.union([z.number(), z.string().max(SEEN_TEXT_MAX), z.array(z.number()).max(SEEN_NUMBERS_MAX)]),
  omitted: Count.optional(),
}
const SeenCause = z.string().max(64)

/** The value of a signal, or a value that a sink was given, at a time of the samples. */
export const SeenValue = z.discriminatedUnion('quality', [
  z.object({ timeMs: InstantMs, quality: z.literal('good'), ...SeenContent }),
  z.object({ timeMs: InstantMs, quality: z.literal('uncertain'), ...SeenContent, cause: SeenCause }),
  z.object({ timeMs: InstantMs, quality: z.literal('bad'), cause: SeenCause }),
])
export type SeenValue = z.infer<typeof SeenValue>

export const FlowPartLook = z.object({
  ...FlowPartFigures.shape,
  /** The unit of its values, if it is known. */
  unit: z.string().max(UNIT_LENGTH_MAX).optional(),
  /** A rate over the last seconds. */
  inPerSecond: PerSecond,
  outPerSecond: PerSecond,
  /** All that was lost here: dropped, and late. */
  lostPerSecond: PerSecond,
  /**
   * The number of the newest value, if there was one. A client that looks every second sees by it which values are new,
   * and how many were left out.
   */
  last: Count,
  /** The values up to `last`, oldest first: those of the last seconds, and at least the newest. */
  recent: z.array(SeenValue).max(SEEN_PER_PART_MAX),
})
export type FlowPartLook = z.infer<typeof FlowPartLook>

export const FlowLook = z.object({
  kind: z.literal('flow'),
  name: Name,
  version: z.int().min(1).optional(),
  /** By the clock of the device. */
  atMs: InstantMs,
  state: FlowState,
  crashes: Count,
  /** Samples that were not taken at all, because the flow was behind or not running. */
  lost: Count,
  /** The event time that the flow has come to. */
  reachedMs: InstantMs.optional(),
  /**
   * The numbers of values count from when this rises: the thread of the flow began, or a changed flow took its place.
   */
  countedFromMs: InstantMs.optional(),
  parts: z.array(FlowPartLook).max(FLOW_INPUTS_MAX + FLOW_STEPS_MAX + FLOW_SINKS_MAX),
  /** The queues of the sinks that it feeds, each once, and of the hub if it sends values there. */
  queues: z.array(QueueLook).max(FLOW_SINKS_MAX),
})
export type FlowLook = z.infer<typeof FlowLook>
