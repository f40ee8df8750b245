/**
 * Flow recording: the input of a flow, and its output. A recording travels with a flow as its golden test: every device
 * replays it, and must give the same outputs. Files: `flow.json` (canonical JSON of the flow), `recording.jsonl` (a
 * sample a line), `golden.json`.
 */
import * as z from 'zod'
import { Tolerance } from '../devices/tolerance.ts'
import { TagCause, TagContent, TagName } from '../sources/tag.ts'
import { InstantMs, Name } from '../values/names.ts'
import { SignalName } from './flow-step.ts'

/** An hour of 28 tags at a second; replayed in about a second. */
export const RECORDING_SAMPLES_MAX = 100_000

/** It travels to every device with the flow, as golden cases do. */
export const RECORDING_BYTES_MAX = 16 * 1024 * 1024

/** The number of outputs that a person can compare. Further ones are cut off, and are not compared. */
export const FLOW_GOLDEN_OUTPUTS_MAX = 20_000

/**
 * A value with the source that it came from. If a line has the same `receivedTimeMs` as the one before, both belong to
 * the same moment, like the tags of one reading, unless it is `apart`.
 */
const Sampled = {
  source: Name,
  tag: TagName,
  sourceTimeMs: InstantMs.optional(),
  receivedTimeMs: InstantMs,
  apart: z.literal(true).optional(),
}
export const FlowSample = z.discriminatedUnion('quality', [
  z.strictObject({ ...Sampled, quality: z.literal('good'), value: TagContent }),
  z.strictObject({ ...Sampled, quality: z.literal('uncertain'), value: TagContent, cause: TagCause }),
  z.strictObject({ ...Sampled, quality: z.literal('bad'), cause: TagCause }),
])
export type FlowSample = z.infer<typeof FlowSample>

/** The content of a signal at the end of a flow. */
export const FlowContent = z.union([z.number(), z.string(), z.array(z.number())])
export type FlowContent = z.infer<typeof FlowContent>

const Told = { sink: SignalName, timeMs: InstantMs }

/** A value that a sink was given. */
export const FlowOutput = z.discriminatedUnion('quality', [
  z.strictObject({ ...Told, quality: z.literal('good'), value: FlowContent }),
  z.strictObject({ ...Told, quality: z.literal('uncertain'), value: FlowContent, cause: TagCause }),
  z.strictObject({ ...Told, quality: z.literal('bad'), cause: TagCause }),
])
export type FlowOutput = z.infer<typeof FlowOutput>

/** The outputs that a replay of the recording must give. */
export const FlowGolden = z.strictObject({
  tolerance: Tolerance,
  outputs: z.array(FlowOutput).max(FLOW_GOLDEN_OUTPUTS_MAX),
})
export type FlowGolden = z.infer<typeof FlowGolden>
