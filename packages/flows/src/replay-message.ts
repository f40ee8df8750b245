/** Replay message: what passes between the thread that replays a recording and whoever started it. */
import type { FlowOutput } from '@skerry/contract/flow-recording'
import type { FlowOrder } from './flow-message.ts'
import type { ModelAnswer, ModelQuestion } from './model-step.ts'

/** The recording is UTF-8 text: a sample in JSON a line. */
export type ReplayOrder = FlowOrder & { recording: Uint8Array }

export type ToReplay = { id: number; answer: ModelAnswer }

export type FromReplay =
  | { kind: 'ask'; id: number; question: ModelQuestion }
  /** In the order in which the sinks were told; the thread ends. */
  | { kind: 'done'; outputs: FlowOutput[] }
