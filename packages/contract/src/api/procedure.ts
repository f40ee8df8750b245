/**
 * The statements of every procedure of the API: method, path, permission, its own errors, and the errors that any call
 * can meet.
 */
import { type HTTPMethod, type HTTPPath, oc } from '@orpc/contract'
import type { ApprovalKind } from '../approvals/approval.ts'
import { type ErrorCode, pickErrors } from '../errors/errors.ts'
import type { Permission } from '../people/permissions.ts'

/**
 * `public` needs no caller: joining, and facts that a client needs before it has a key. `caller` is open to every
 * caller, in any role.
 */
export type Access = Permission | 'public' | 'caller'

/** An object that has a state which people change, and so an entity tag. */
export type Entity =
  | 'site'
  | 'device'
  | 'deployment'
  | 'route'
  | 'group'
  | 'settings'
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
 * A procedure's meaning for a caller whose role has a scope.
 *
 * - `none`: the procedure rejects such a caller. A public procedure has no caller, and says `none` too.
 * - `whole`: the procedure concerns no place, such as models.
 * - `named`: the path names a device, a site, a deployment, a rollout or a batch. The guard checks that it lies in the
 *   scope.
 * - `filtered`: the procedure lists rows. Its handler leaves out the rows outside the scope.
 * - `selecting`: the selector has to contain the scope. So it can never select a device outside, not even one that
 *   joins later.
 */
export type ScopeReach = 'none' | 'whole' | 'named' | 'filtered' | 'selecting'

/** The rule under which a call may need a second person; `none` if it never does. */
export type ApprovalNeed = ApprovalKind | 'none'

/**
 * `isReadOnly` procedures change nothing and leave no audit record. `entity` is the parameter that names the shown or
 * changed object. A read answers with the object's tag, and a change can depend on it (entity-tag.ts).
 */
export type ProcedureMeta = {
  access: Access
  scope: ScopeReach
  approval: ApprovalNeed
  isReadOnly: boolean
  entity?: Entity | undefined
}

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

const withCommonErrors = oc
  .$meta<ProcedureMeta>({ access: 'public', scope: 'none', approval: 'none', isReadOnly: false })
  .errors(pickErrors(...common))

type Statement<Code extends ErrorCode> = {
  method: HTTPMethod
  path: HTTPPath
  access: Access
  scope: ScopeReach
  approval: ApprovalNeed
  /** Set if the method does not show it: a POST that only reads, or a GET that is audited. */
  isReadOnly?: boolean
  /** One line, for the reference. */
  summary: string
  errors: readonly Code[]
  entity?: Entity
}

/** Begins a procedure; `.input()` and `.output()` follow. GET procedures are read-only, all others are audited. */
export function procedure<Code extends ErrorCode>(statement: Statement<Code>) {
  // The build of the console leaves out the errors.
  const { method, path, access, scope, approval, summary, errors = [], entity } = statement
  const { isReadOnly = method === 'GET' } = statement
  const codes: readonly (Code | 'revision_stale')[] = entity && !isReadOnly ? [...errors, 'revision_stale'] : errors
  return withCommonErrors
    .meta({ access, scope, approval, isReadOnly, ...(entity && { entity }) })
    .route({ method, path, summary })
    .errors(pickErrors(...codes))
}
