/** The messages between the main thread and a worker. Large buffers are moved, never copied. */
import type { AnswerMessage, QuestionMessage } from '@skerry/platform/process/asking'
import { copyBytes, type RawTensor } from '../host/raw-tensor.ts'
import type { RemoteModel } from '../remote/remote-model.ts'
import type { ModelSource } from '../runtime/model-source.ts'
import type { RunMark } from './run-mark.ts'
import type { RunTimes, SessionSettings, Signature } from './session.ts'

/** Given at the worker's birth. */
export type WorkerTask = ModelSource & SeatSettings

type SeatSettings = { settings: SessionSettings; mark?: RunMark | undefined }

/** A model in a worker, or one that a server of an app answers for. */
export type SeatSource = ModelSource | { remote: RemoteModel }

export type SeatTask = WorkerTask | ({ remote: RemoteModel } & SeatSettings)

/** Requests that share a batch key and the wanted outputs; one unless batching is on. */
export type RunOrder = { requests: RawTensor[][]; rows: number[]; outputs: readonly string[] }

export type RunQuestions = { run: { question: RunOrder; answer: RunReport } }

export type WorkerOrder = QuestionMessage<RunQuestions> | { kind: 'stop' }

/** The result of one request. */
export type RequestOutcome = { ok: true; outputs: RawTensor[]; times: RunTimes } | { ok: false; message: string }

/** Reports come in the order of their orders. `runs` are the executions that it took. */
export type RunReport = {
  outcomes: RequestOutcome[]
  runs: { rows: number; times: RunTimes }[]
  /** False when an output had no row for each input row, so that this model must not be batched. */
  isSplittable: boolean
}

export type WorkerReport =
  | AnswerMessage<RunQuestions>
  | { kind: 'ready'; signature: Signature }
  | { kind: 'refused'; message: string }

/**
 * Below this, cloning a buffer is cheaper than moving it (about 16 µs a moved buffer, against a few for small copies).
 */
const MOVE_BYTES_MIN = 16 * 1024

/** The buffers of these tensors that are worth moving, each once. */
export function buffersToMove(tensors: readonly RawTensor[]): ArrayBuffer[] {
  const buffers = tensors.map(({ data }) => data.buffer).filter(({ byteLength }) => byteLength >= MOVE_BYTES_MIN)
  return [...new Set(buffers)]
}

/**
 * A message between processes gives views of one large buffer, at any offset: each tensor gets bytes that it can read
 * by words and move.
 */
export const ownTensors = (tensors: readonly RawTensor[]): RawTensor[] =>
  tensors.map((tensor) => ({ ...tensor, data: copyBytes(tensor.data) }))
