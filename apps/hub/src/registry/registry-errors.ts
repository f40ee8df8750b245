/**
 * Registry errors: the rejections of the registry in the form of the OCI distribution specification 1.1, which clients
 * print. Errors of the hub's own table keep their message.
 */
import type { ErrorCode } from '@skerry/contract/errors/errors'
import type { RegistryErrorCode } from '@skerry/contract/registry/registry'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { problemOf } from '../http/admission/call-watch.ts'
import { isProblem, type Problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'

/** Thrown by the routes. `headers` tell the client how to continue. */
export class RegistryError extends Error {
  readonly code: RegistryErrorCode
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(code: RegistryErrorCode, message: string, { status = STATUS[code], headers = {} }: Answered = {}) {
    super(message)
    this.code = code
    this.status = status
    this.headers = headers
  }
}

type Answered = { status?: number; headers?: Readonly<Record<string, string>> }

const STATUS: Readonly<Record<RegistryErrorCode, number>> = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 404,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 400,
  UNAUTHORIZED: 401,
  DENIED: 403,
  UNSUPPORTED: 405,
  TOOMANYREQUESTS: 429,
}

/** The codes of the hub that mean one of the specification. Other codes keep their status. */
const CODES: Partial<Record<ErrorCode, RegistryErrorCode>> = {
  key_missing: 'UNAUTHORIZED',
  key_invalid: 'UNAUTHORIZED',
  blob_unknown: 'BLOB_UNKNOWN',
  blob_damaged: 'BLOB_UNKNOWN',
  upload_unknown: 'BLOB_UPLOAD_UNKNOWN',
  upload_offset_wrong: 'BLOB_UPLOAD_INVALID',
  upload_digest_wrong: 'DIGEST_INVALID',
  body_too_large: 'SIZE_INVALID',
  rate_limited: 'TOOMANYREQUESTS',
  request_quota_reached: 'TOOMANYREQUESTS',
  route_unknown: 'UNSUPPORTED',
}

/** [RFC 7617] Clients send the name and the password that `docker login` has stored. The password is an API key. */
const CHALLENGE = 'Basic realm="Skerry: an API key as the password", charset="UTF-8"'

/** Answers each error of this scope in the form of the specification. */
export function installRegistryErrors(scope: FastifyInstance, hub: Hub): void {
  scope.setErrorHandler((error, request, reply) => {
    if (error instanceof RegistryError) return answer(reply, error)
    const refusal = isProblem(error) ? error : problemOf(error)
    if (refusal.status >= 500) hub.log.error('registry_failed', { requestId: request.id, source: request.ip, error })
    return answer(reply, errorOf(refusal))
  })
}

function errorOf({ code, status, message, data }: Problem): RegistryError {
  const known = CODES[code]
  if (known === undefined) return new RegistryError('DENIED', message, { status })
  const headers: Record<string, string> = known === 'UNAUTHORIZED' ? { 'www-authenticate': CHALLENGE } : {}
  const waitMs = typeof data === 'object' && data !== null && 'retryAfterMs' in data ? Number(data.retryAfterMs) : 0
  if (waitMs > 0) headers['retry-after'] = String(Math.ceil(waitMs / 1_000))
  return new RegistryError(known, message, { headers })
}

function answer(reply: FastifyReply, { code, message, status, headers }: RegistryError): FastifyReply {
  return reply
    .status(status)
    .headers(headers)
    .send({ errors: [{ code, message, detail: {} }] })
}
