/** What every procedure of the API states: method, path, permission, the errors of its own, and those that any call can meet. */
import { type HTTPMethod, type HTTPPath, oc } from '@orpc/contract'
import { type ErrorCode, pickErrors } from '../errors.ts'
import type { Permission } from '../permissions.ts'

/** `public` needs no caller: joining, and what a client must know before it has a key. `caller` is open to any, whatever the role. */
export type Access = Permission | 'public' | 'caller'

/** An object that has a state which people change, and so an entity tag. */
export type Entity =
  | 'site'
  | 'device'
  | 'deployment'
  | 'rollout'
  | 'model'
  | 'version'
  | 'alias'
  | 'key'
  | 'token'
  | 'upload'
  | 'batch'
  | 'user'
  | 'role'
  | 'approval'
  | 'secret'
  | 'source'
  | 'sink'

/**
 * `isReadOnly` procedures change nothing and leave no audit record. `entity` is what a procedure shows or changes: its parameter of that name
 * says which. Reading it answers its tag, changing it can be made to depend on it (entity-tag.ts).
 */
export type ProcedureMeta = { access: Access; isReadOnly: boolean; entity?: Entity | undefined }

const common = [
  'input_invalid',
  'body_too_large',
  'key_missing',
  'key_invalid',
  'session_ended',
  'second_factor_required',
  'origin_refused',
  'permission_denied',
  'organisation_disabled',
  'scope_exceeded',
  'scope_refused',
  'rate_limited',
  'request_quota_reached',
  'hub_busy',
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
  entity?: Entity
}

/** Begins a procedure; `.input()` and `.output()` follow. GET procedures are read-only, all others are audited. */
export function procedure<Code extends ErrorCode>({ method, path, access, summary, errors, entity }: Statement<Code>) {
  const isReadOnly = method === 'GET'
  const codes: readonly (Code | 'revision_stale')[] = entity && !isReadOnly ? [...errors, 'revision_stale'] : errors
  return withCommonErrors
    .meta({ access, isReadOnly, ...(entity && { entity }) })
    .route({ method, path, summary })
    .errors(pickErrors(...codes))
}
