/** Flows for tests: they ask the model `m` for each value of a tag, and tell the hub. */
import type { Flow } from '@skerry/contract/flows/flow'
import { canonicalJson } from '@skerry/core/values/canonical-json'

type Changes = { description?: string; factor?: number; steps?: unknown[]; sinks?: unknown[] }

/** A recording of two values, and what a model that multiplies by `factor` makes of them. */
export function watchFiles({ factor = 2, ...changes }: Changes = {}): Record<string, string> {
  const flow = {
    name: 'watch',
    inputs: [{ name: 'pressure', source: 'press', tag: 'pressure' }],
    steps: [{ name: 'score', kind: 'model', from: ['pressure'], model: 'm' }],
    sinks: [{ name: 'scores', kind: 'hub', from: 'score' }],
    ...changes,
  }
  const told = [1_000, 2_000].map((timeMs, at) => ({ timeMs, value: at + 3 }))
  const recording = told.map(({ timeMs, value }) =>
    JSON.stringify({ source: 'press', tag: 'pressure', receivedTimeMs: timeMs, quality: 'good', value }),
  )
  const outputs = told.map(({ timeMs, value }) => ({ sink: 'scores', timeMs, quality: 'good', value: factor * value }))
  return {
    'flow.json': canonicalJson(flow satisfies Pick<Flow, 'name'>),
    'recording.jsonl': `${recording.join('\n')}\n`,
    'golden.json': JSON.stringify({ tolerance: { absolute: 1e-4, relative: 1e-4 }, outputs }),
  }
}
