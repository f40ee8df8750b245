/** Flow look: what goes through a flow on a device just now: how much of it, what its signals say, and what waits behind its sinks. */
import * as z from 'zod'
import { QueueLook } from '../hub/queue-look.ts'
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

/** The first of several numbers; of a window the newest row. `omitted` counts what is not shown: numbers, or characters of a text. */
const SeenContent = {
  value: z.union([z.number(), z.string().max(SEEN_TEXT_MAX), z.array(z.number()).max(SEEN_NUMBERS_MAX)]),
  omitted: Count.optional(),
}
const SeenCause = z.string().max(64)

/** What a signal said, or a sink was told, at a time of the samples. */
export const SeenValue = z.discriminatedUnion('quality', [
  z.object({ timeMs: InstantMs, quality: z.literal('good'), ...SeenContent }),
  z.object({ timeMs: InstantMs, quality: z.literal('uncertain'), ...SeenContent, cause: SeenCause }),
  z.object({ timeMs: InstantMs, quality: z.literal('bad'), cause: SeenCause }),
])
export type SeenValue = z.infer<typeof SeenValue>

export const FlowPartLook = z.object({
  ...FlowPartFigures.shape,
  /** Over the last seconds. */
  inPerSecond: PerSecond,
  outPerSecond: PerSecond,
  /** All that was lost here: dropped, and late. */
  lostPerSecond: PerSecond,
  /** The number of the newest value, where something has been seen. Whoever looks every second tells by it which ones are new, and how many were left out. */
  last: Count,
  /** Those up to `last`, oldest first: of the last seconds, and at least the newest. */
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
  /** The numbers of values count from when this rises: the thread of the flow began, or a changed flow took its place. */
  countedFromMs: InstantMs.optional(),
  parts: z.array(FlowPartLook).max(FLOW_INPUTS_MAX + FLOW_STEPS_MAX + FLOW_SINKS_MAX),
  /** Of the sinks that it feeds, each once, and of the hub where it tells that. */
  queues: z.array(QueueLook).max(FLOW_SINKS_MAX),
})
export type FlowLook = z.infer<typeof FlowLook>
