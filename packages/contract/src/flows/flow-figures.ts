/**
 * Flow figures: the state of a flow, and counters of all its samples. They pass from the device to the hub and the
 * console.
 */
import * as z from 'zod'
import { TagCause } from '../sources/tag.ts'
import { InstantMs, Name } from '../values/names.ts'
import { SignalName } from './flow-step.ts'

const Count = z.int().min(0)

/** The figures of one input, step or sink. */
export const FlowPartFigures = z.strictObject({
  part: z.enum(['input', 'step', 'sink']),
  name: SignalName,
  /** Samples that came in, and values that went out. */
  in: Count,
  out: Count,
  /** Lost: a full queue, a full window. Values that a sink's `everyMs` leaves out are no losses. */
  dropped: Count,
  /** Samples older than instants that were decided already. */
  late: Count,
  bad: Count,
  /** The samples that wait now. */
  queued: Count,
  /** The latency of the newest answers, for steps that wait for others: models and sinks. */
  latencyP50Ms: z.number().min(0).optional(),
  latencyP99Ms: z.number().min(0).optional(),
})
export type FlowPartFigures = z.infer<typeof FlowPartFigures>

export const FlowState = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['starting', 'running']) }),
  /**
   * `crashed`: its thread ended, and restarts after a while. `quarantined`: it crashed too often, and stays stopped
   * until a person restarts it.
   */
  z.strictObject({ kind: z.enum(['crashed', 'quarantined']), cause: TagCause }),
])
export type FlowState = z.infer<typeof FlowState>

export const FlowFigures = z.strictObject({
  flow: Name,
  state: FlowState,
  crashes: Count,
  /** Samples that were not taken at all, because the flow was behind or not running. */
  lost: Count,
  /** The event time that the flow has come to. */
  reachedMs: InstantMs.optional(),
  parts: z.array(FlowPartFigures).max(2_000),
})
export type FlowFigures = z.infer<typeof FlowFigures>
