/** Replay message: what passes between a page and the thread in which it replays a recording. */
import type { Flow } from '@skerry/contract/flows/flow'
import type { FlowPartFigures } from '@skerry/contract/flows/flow-figures'
import type { FlowGolden, FlowOutput } from '@skerry/contract/flows/flow-recording'
import type { FlowDifference } from '@skerry/core/flow/tensors/golden-difference'
import type { SeriesPoint } from '../../../components/charts/series-scale.ts'

/** With a golden file, what comes out is compared with it. */
export type ReplayOrder = { flow: Flow; recording: Blob; golden: FlowGolden | undefined }

export type SinkReplay = {
  sink: string
  outputs: number
  bad: number
  uncertain: number
  /** The first ones. */
  shown: FlowOutput[]
  /** Of its numbers, over the time of all outputs. */
  points: SeriesPoint[]
}

export type ReplayOutcome = {
  samples: number
  /** For which the flow has no input. */
  strangers: number
  span: { fromMs: number; toMs: number; partMs: number }
  /** In the order of the flow; those that were told nothing, too. */
  sinks: SinkReplay[]
  figures: FlowPartFigures[]
  /** A text of JSON lines, each an output. */
  outputs: Blob
  compared: { differences: number; shown: FlowDifference[] } | undefined
}

export type ReplaySaid =
  | { kind: 'progress'; doneBytes: number }
  | { kind: 'done'; outcome: ReplayOutcome }
  | { kind: 'failed'; message: string }
