/** Flow stage: a flow of one input that runs in its own thread, and what it has told, written and said of itself. */
import { Flow } from '@skerry/contract/flows/flow'
import type { FlowState } from '@skerry/contract/flows/flow-figures'
import type { FlowOutput, FlowSample } from '@skerry/contract/flows/flow-recording'
import type { TagContent } from '@skerry/contract/sources/tag'
import { systemClock } from '@skerry/platform/process/clock'
import { type FlowDeps, type FlowHost, startFlow } from '../src/host/flow-host.ts'

export const flowOf = (steps: unknown[], sinks: unknown[]) =>
  Flow.parse({ name: 'watch', inputs: [{ name: 'a', source: 's', tag: 'a' }], steps, sinks })

export const sample = (value: TagContent, receivedTimeMs: number): FlowSample => ({
  source: 's',
  tag: 'a',
  quality: 'good',
  value,
  receivedTimeMs,
})

export function stage(flow: Flow, more: Partial<FlowDeps> = {}) {
  const sent: FlowOutput[] = []
  const written: [string, TagContent][] = []
  const states: FlowState[] = []
  const host = startFlow(flow, {
    clock: systemClock,
    random: () => 0,
    factsOf: () => undefined,
    infer: async ({ inputs }) => ({
      ok: true,
      tensors: [{ shape: [1, 1], data: (inputs[0]?.data ?? new Float64Array()).map((one) => one * 10) }],
    }),
    async send(_sink, output) {
      sent.push(output)
      return { ok: true }
    },
    async write(source, tag, value) {
      written.push([`${source}/${tag}`, value])
      return { ok: true }
    },
    onState: (state) => void states.push(state),
    ...more,
  })
  return { host, sent, written, states }
}

export const isRunning = (host: FlowHost) => () => host.figures().state.kind === 'running'
export const hub = (from: string) => ({ name: 'out', kind: 'hub', from })
export const valuesOf = (outputs: readonly FlowOutput[]) =>
  outputs.map((output) => ('value' in output ? output.value : output.cause.code))
