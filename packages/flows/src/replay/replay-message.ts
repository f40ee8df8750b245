/** Replay message: the messages between the thread that replays a recording and its owner. */
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import type { AnswerMessage, QuestionMessage } from '@skerry/platform/process/asking'
import type { FlowOrder } from '../host/flow-message.ts'
import type { ModelQuestions } from '../host/infer-way.ts'

/** The recording is UTF-8 text with one sample in JSON on each line. */
export type ReplayOrder = FlowOrder & { recording: Uint8Array }

export type ToReplay = AnswerMessage<ModelQuestions>

export type FromReplay =
  | QuestionMessage<ModelQuestions>
  /** In the order of the outputs. Then the thread ends. */
  | { kind: 'done'; outputs: FlowOutput[] }
