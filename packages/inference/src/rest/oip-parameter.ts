/**
 * [Reserved parameters] An unsupported parameter that would change the answer is rejected; all others do no harm.
 * Shared by REST and gRPC.
 */
import { type Failure, fail } from '../host/failure.ts'

export type Parameters = Record<string, unknown>

/** A value that was read from outside, or why it could not be read. */
export type Read<T> = { ok: true; value: T } | Failure

/** As RANK_MAX in the contract, which is imported as types only: its schemas would cost the runner megabytes. */
export const SHAPE_RANK_MAX = 8

/** No dimension of a body we accept is larger; the runtime's own arithmetic overflows far later. */
const DIMENSION_MAX = 2 ** 31 - 1

/** Whether a shape can be that of a tensor. */
export const isShape = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= SHAPE_RANK_MAX && value.every((size) => isSize(size) && size <= DIMENSION_MAX)

/** Whether a value counts something. */
export const isSize = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

/** The request's `timeout` in microseconds, 0 for none. */
export function readTimeout({ timeout = 0, sequence_id: sequenceId = 0 }: Parameters): Read<number> {
  if (sequenceId !== 0 && sequenceId !== '') {
    return fail('feature_unsupported', 'sequences are not supported: leave out sequence_id')
  }
  if (isSize(timeout)) return { ok: true, value: timeout }
  return fail('input_invalid', "parameter 'timeout' must be a number of microseconds")
}

/** The request's `subject`: the person or thing that it is about. It changes no answer, so another value is ignored. */
export const readSubject = ({ subject }: Parameters): { subject?: string } =>
  typeof subject === 'string' && subject !== '' ? { subject } : {}

/** Rejects parameters of a tensor that request an unsupported feature. */
export function unsupportedParameter(tensor: string, parameters: Parameters): Failure | undefined {
  if ('shared_memory_region' in parameters)
    return fail('feature_unsupported', `${tensor}: shared memory is not supported`)
  if ('classification' in parameters) return fail('feature_unsupported', `${tensor}: classification is not supported`)
  return undefined
}
