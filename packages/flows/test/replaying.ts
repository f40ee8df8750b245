/** Replaying: what a flow tells of samples that are written down in a line each. */
import { Flow } from '@skerry/contract/flows/flow'
import type { FlowOutput, FlowSample } from '@skerry/contract/flows/flow-recording'
import type { Infer } from '../src/model-step.ts'
import { replayFlow } from '../src/replay/replay.ts'

const signal = new AbortController().signal

type Numbers = readonly (readonly [tag: string, timeMs: number, value: number | number[] | 'bad'])[]

export const samplesOf = (numbers: Numbers): FlowSample[] =>
  numbers.map(([tag, receivedTimeMs, value]) =>
    value === 'bad'
      ? { source: 's', tag, receivedTimeMs, quality: 'bad', cause: { code: 'source_lost', message: 'gone' } }
      : { source: 's', tag, receivedTimeMs, quality: 'good', value },
  )

const noModel: Infer = async () => ({ ok: false, code: 'model_unknown', message: 'there is no model here' })

export const replay = async (flow: object, samples: FlowSample[], infer: Infer = noModel) =>
  replayFlow(Flow.parse({ name: 'watch', ...flow }), samples, { infer, facts: new Map(), monotonicMs: () => 0 }, signal)

/** `time=value`, or what is wrong with it. */
export const told = (outputs: readonly FlowOutput[]) =>
  outputs.map((output) => `${output.timeMs}=${'value' in output ? output.value : output.cause.code}`)

/** One sink, which is told what this signal says. */
export const from = (name: string) => ({ sinks: [{ name: 'out', kind: 'hub', from: name }] })
