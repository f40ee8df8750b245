/** What every procedure of the API states: method, path, permission, the errors of its own, and those that any call can meet. */
import { type HTTPMethod, type HTTPPath, oc } from '@orpc/contract'
import { type ErrorCode, pickErrors } from '../errors.ts'
import type { Permission } from '../permissions.ts'

/** `public` needs no caller: joining, and what a client must know before it has a key. */
export type Access = Permission | 'public'

/** `isReadOnly` procedures change nothing and leave no audit record. */
export type ProcedureMeta = { access: Access; isReadOnly: boolean }

const common = [
  'input_invalid',
  'body_too_large',
  'key_missing',
  'key_invalid',
  'session_ended',
  'origin_refused',
  'permission_denied',
  'rate_limited',
  'hub_unavailable',
  'internal_error',
] as const satisfies readonly ErrorCode[]

const withCommonErrors = oc.$meta<ProcedureMeta>({ access: 'public', isReadOnly: false }).errors(pickErrors(...common))

type Statement<Code extends ErrorCode> = {
  method: HTTPMethod
  path: HTTPPath
  access: Access
  /** One line, for the reference. */
  summary: string
  errors: readonly Code[]
}

/** Begins a procedure; `.input()` and `.output()` follow. GET procedures are read-only, all others are audited. */
export function procedure<Code extends ErrorCode>({ method, path, access, summary, errors }: Statement<Code>) {
  return withCommonErrors
    .meta({ access, isReadOnly: method === 'GET' })
    .route({ method, path, summary })
    .errors(pickErrors(...errors))
}
