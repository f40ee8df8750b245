/** Sink replays: what each sink of a flow was told in a replay: counted, the first of it to read, and its numbers to draw. */
import type { Flow } from '@skerry/contract/flows/flow'
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import type { SeriesPoint } from '../../../components/charts/series-scale.ts'
import type { SinkReplay } from './replay-message.ts'

/** What a chart is as wide as. */
const PARTS = 240

/** Of a sink, to read; all of them are in the file that can be saved. */
export const OUTPUTS_SHOWN = 1_000

type Span = { fromMs: number; toMs: number; partMs: number }

/** The time of all outputs, in parts of whole milliseconds. */
export function spanOf(outputs: readonly FlowOutput[]): Span {
  let fromMs = Number.POSITIVE_INFINITY
  let lastMs = Number.NEGATIVE_INFINITY
  for (const { timeMs } of outputs) {
    fromMs = Math.min(fromMs, timeMs)
    lastMs = Math.max(lastMs, timeMs)
  }
  if (outputs.length === 0) return { fromMs: 0, toMs: PARTS, partMs: 1 }
  const partMs = Math.max(1, Math.ceil((lastMs - fromMs + 1) / PARTS))
  return { fromMs, toMs: fromMs + PARTS * partMs, partMs }
}

export function sinkReplays({ sinks }: Pick<Flow, 'sinks'>, outputs: readonly FlowOutput[], span: Span): SinkReplay[] {
  const told = Map.groupBy(outputs, ({ sink }) => sink)
  return sinks.map(({ name }) => {
    const own = told.get(name) ?? []
    return {
      sink: name,
      outputs: own.length,
      shown: own.slice(0, OUTPUTS_SHOWN),
      points: pointsOf(own, span),
      bad: own.filter(({ quality }) => quality === 'bad').length,
      uncertain: own.filter(({ quality }) => quality === 'uncertain').length,
    }
  })
}

function pointsOf(outputs: readonly FlowOutput[], { fromMs, partMs }: Span): SeriesPoint[] {
  const parts = Map.groupBy(outputs, ({ timeMs }) => Math.floor((timeMs - fromMs) / partMs))
  return [...parts]
    .toSorted(([a], [b]) => a - b)
    .map(([part, told]) => ({
      atMs: fromMs + part * partMs,
      count: told.length,
      bad: told.filter(({ quality }) => quality === 'bad').length,
      ...boundsOf(told),
    }))
}

function boundsOf(told: readonly FlowOutput[]): Pick<SeriesPoint, 'min' | 'mean' | 'max'> {
  const numbers = told.flatMap((output) =>
    output.quality !== 'bad' && typeof output.value === 'number' ? [output.value] : [],
  )
  if (numbers.length === 0) return {}
  let min = Number.POSITIVE_INFINITY
  let mean = 0
  let max = Number.NEGATIVE_INFINITY
  for (const value of numbers) {
    min = Math.min(min, value)
    max = Math.max(max, value)
    // Divided first: the sum of large numbers may be none.
    mean += value / numbers.length
  }
  return { min, mean, max }
}
