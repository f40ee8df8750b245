/** Replay message: what passes between the thread that replays a recording and whoever started it. */
import type { FlowOutput } from '@skerry/contract/flow-recording'
import type { AnswerMessage, QuestionMessage } from '@skerry/platform/asking'
import type { FlowOrder } from './flow-message.ts'
import type { ModelQuestions } from './infer-way.ts'

/** The recording is UTF-8 text: a sample in JSON a line. */
export type ReplayOrder = FlowOrder & { recording: Uint8Array }

export type ToReplay = AnswerMessage<ModelQuestions>

export type FromReplay =
  | QuestionMessage<ModelQuestions>
  /** In the order in which the sinks were told; the thread ends. */
  | { kind: 'done'; outputs: FlowOutput[] }
