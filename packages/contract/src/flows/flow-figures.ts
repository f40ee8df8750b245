/** Flow figures: how a flow is, and what became of everything that came in. Passes from the device to the hub and the console. */
import * as z from 'zod'
import { TagCause } from '../sources/tag.ts'
import { InstantMs, Name } from '../values/names.ts'
import { SignalName } from './flow-step.ts'

const Count = z.int().min(0)

/** Of one input, step or sink. */
export const FlowPartFigures = z.strictObject({
  part: z.enum(['input', 'step', 'sink']),
  name: SignalName,
  /** Samples that came in, and values that were told. */
  in: Count,
  out: Count,
  /** Lost by policy: a full queue, a full window, a sink's rate. */
  dropped: Count,
  /** Older than what had been decided already. */
  late: Count,
  bad: Count,
  /** Now. */
  queued: Count,
  /** Of the newest answers, for what waits for somebody: models and sinks. */
  latencyP50Ms: z.number().min(0).optional(),
  latencyP99Ms: z.number().min(0).optional(),
})
export type FlowPartFigures = z.infer<typeof FlowPartFigures>

export const FlowState = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['starting', 'running']) }),
  /** `crashed`: its thread ended, and is started anew after a while. `quarantined`: it did so too often, and waits for somebody. */
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
