/** Replay message: the messages between a page and the thread that replays a recording for it. */
import type { Flow } from '@skerry/contract/flows/flow'
import type { FlowPartFigures } from '@skerry/contract/flows/flow-figures'
import type { FlowGolden, FlowOutput } from '@skerry/contract/flows/flow-recording'
import type { FlowDifference } from '@skerry/core/flow/tensors/golden-difference'
import type { SeriesPoint } from '../../../components/charts/series-scale.ts'

/** With a golden file, the thread compares the outputs with it. */
export type ReplayOrder = { flow: Flow; recording: Blob; golden: FlowGolden | undefined }

export type SinkReplay = {
  sink: string
  outputs: number
  bad: number
  uncertain: number
  /** The first outputs of the sink. */
  shown: FlowOutput[]
  /** The numbers of this sink, over the time of all outputs. */
  points: SeriesPoint[]
}

export type ReplayOutcome = {
  samples: number
  /** The number of samples for which the flow has no input. */
  strangers: number
  span: { fromMs: number; toMs: number; partMs: number }
  /** In the order of the flow, with sinks that got no output. */
  sinks: SinkReplay[]
  figures: FlowPartFigures[]
  /** A text of JSON lines, one for each output. */
  outputs: Blob
  compared: { differences: number; shown: FlowDifference[] } | undefined
}

export type ReplaySaid =
  | { kind: 'progress'; doneBytes: number }
  | { kind: 'done'; outcome: ReplayOutcome }
  | { kind: 'failed'; message: string }
