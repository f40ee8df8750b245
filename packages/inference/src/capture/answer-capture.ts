/** Answer capture: may keep rows of requests with their answers. It copies the kept bytes, and must be quick. */
import type { RawTensor } from '../host/raw-tensor.ts'

export type CapturedRequest = {
  name: string
  version: string
  tensors: readonly RawTensor[]
  rows: number
  id: string | undefined
  subject: string | undefined
  /** The flow that made the request, if one did. */
  flow: string | undefined
}

export type AnswerCapture = {
  /**
   * A request that fits the model, before its bytes move to the worker. The result takes the answer; undefined if no row
   * of it will be kept.
   */
  begin(request: CapturedRequest): ((outputs: readonly RawTensor[]) => void) | undefined
}
