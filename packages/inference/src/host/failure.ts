/** Failures of inference: expected, so they are values. The Open Inference Protocol's doors turn the code into a status. */

/** Each with the HTTP status of [notes on the Open Inference Protocol, error table]; gRPC's stand in grpc-service.ts. */
export const HTTP_STATUS = {
  input_invalid: 400,
  model_unknown: 404,
  version_unknown: 404,
  route_unknown: 404,
  method_refused: 405,
  body_too_large: 413,
  encoding_unsupported: 415,
  queue_full: 429,
  request_cancelled: 499,
  model_failed: 500,
  output_not_finite: 500,
  feature_unsupported: 501,
  model_unready: 503,
  deadline_passed: 504,
} as const

export type FailureCode = keyof typeof HTTP_STATUS

export type Failure = { ok: false; code: FailureCode; message: string }

/** A failure as a value. */
export const fail = (code: FailureCode, message: string): Failure => ({ ok: false, code, message })
