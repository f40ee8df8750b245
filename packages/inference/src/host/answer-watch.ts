/** Answer watch: sees the tensors of requests and answers. It must be quick, and keeps none of them. */
import type { RawTensor } from './raw-tensor.ts'

type Seen = { name: string; version: string; tensors: readonly RawTensor[] }

export type AnswerWatch = {
  /** A request that fits the model, before its bytes move to the worker. Returns whether its answer is to be shown too. */
  inputs(request: Seen & { rows: number }): boolean
  outputs(answer: Seen & { rows: number }): void
}
