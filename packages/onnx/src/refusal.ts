/**
 * The rejections of this package: a code of the contract and a message that names the operator, field or file at fault.
 */
import type { ErrorCode } from '@skerry/contract/errors/errors'

export type ModelProblem = Extract<
  ErrorCode,
  | 'model_not_onnx'
  | 'model_too_complex'
  | 'model_incomplete'
  | 'model_path_unsafe'
  | 'model_opset_unsupported'
  | 'model_operator_unsupported'
  | 'model_input_unsupported'
  | 'model_form_unsupported'
  | 'model_form_invalid'
>

export type Refusal = { ok: false; code: ModelProblem; message: string }
export type Result<Value> = { ok: true; value: Value } | Refusal

export const accept = <Value>(value: Value): Result<Value> => ({ ok: true, value })

export const rejectModel = (code: ModelProblem, message: string): Refusal => ({ ok: false, code, message })

/**
 * Names come from the file: quoted, so that no control character reaches a terminal, and cut, so that none fills it.
 */
export function quote(name: string): string {
  const cut = name.length > QUOTED_MAX ? `${name.slice(0, QUOTED_MAX)}…` : name
  return JSON.stringify(cut.replaceAll(/\p{C}/gu, '\ufffd'))
}

/** Long enough for any name that a person gave, short enough for one line. */
const QUOTED_MAX = 80
