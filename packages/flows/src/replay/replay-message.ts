/** Replay message: what passes between the thread that replays a recording and whoever started it. */
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import type { AnswerMessage, QuestionMessage } from '@skerry/platform/process/asking'
import type { FlowOrder } from '../host/flow-message.ts'
import type { ModelQuestions } from '../host/infer-way.ts'

/** The recording is UTF-8 text: a sample in JSON a line. */
export type ReplayOrder = FlowOrder & { recording: Uint8Array }

export type ToReplay = AnswerMessage<ModelQuestions>

export type FromReplay =
  | QuestionMessage<ModelQuestions>
  /** In the order in which the sinks were told; the thread ends. */
  | { kind: 'done'; outputs: FlowOutput[] }
