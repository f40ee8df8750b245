/**
 * Access: who calls, and whether they may do what a procedure is for. A caller has roles; each grants permissions. This is the one decision,
 * and the hub's guard is the one place that asks for it.
 */
import type { Access } from '@skerry/contract/api/procedure'
import type { Actor } from '@skerry/contract/audit/audit'
import { Permission, permissionsOf, type Role } from '@skerry/contract/people/permissions'
import type { KeyId, OrganisationId, UserId } from '@skerry/contract/values/ids'
import { isWithin } from './scope.ts'

/** What one role of a caller lets them do, and where: everywhere where it has no scope. */
export type Grant = { role: string; permissions: readonly Permission[]; scope?: string | undefined }

/** Who calls: a key, or a person who has signed in. */
export type Caller = ({ kind: 'key'; id: KeyId } | { kind: 'user'; id: UserId }) & {
  organisationId: OrganisationId
  /** The name of the organisation. */
  organisation: string
  /** The name of the key, or what the person is called; at most 63 characters. */
  name: string
  /** Whose hands these are: a person's two keys are one pair of hands. A key that no person made stands for itself. */
  personId: KeyId | UserId
  grants: readonly Grant[]
}

/** What a built-in role grants. */
export const builtInGrant = (role: Role): Grant => ({ role, permissions: permissionsOf[role] })

/** The caller as the audit trail names it. */
export const actorOf = ({ kind, id, name }: Caller): Actor => ({ kind, id, name })

/** The names of the caller's roles. */
export const rolesOf = ({ grants }: Pick<Caller, 'grants'>): string[] => grants.map(({ role }) => role)

/** Every permission that some role of the caller grants, in the order of the table. */
export function permissionsOfCaller({ grants }: Pick<Caller, 'grants'>): Permission[] {
  return Permission.options.filter((permission) => grants.some(({ permissions }) => permissions.includes(permission)))
}

/** The scope is where it is allowed: everywhere where absent. */
export type AccessVerdict = { ok: true; scope?: string } | { ok: false; code: 'permission_denied'; message: string }

/** Whether the caller may do what needs the permission, or any role at all. */
export function judgeAccess(caller: Pick<Caller, 'name' | 'grants'>, access: Exclude<Access, 'public'>): AccessVerdict {
  const granting = caller.grants.filter(({ permissions }) => access === 'caller' || permissions.includes(access))
  const scopes = granting.flatMap(({ scope }) => (scope === undefined ? [] : [scope]))
  if (scopes.length < granting.length) return { ok: true }
  if (scopes.length > 0)
    return { ok: true, scope: scopes.length > 1 ? scopes.map((each) => `(${each})`).join(' || ') : `${scopes[0]}` }
  const roles = rolesOf(caller).join(', ') || 'without a role'
  return {
    ok: false,
    code: 'permission_denied',
    message: `${caller.name} is ${roles}; this needs ${access === 'caller' ? 'one' : access}`,
  }
}

/** Whether the caller may give somebody what the grant holds: nobody gives what they do not have, nor where they do not have it. */
export function mayGive(caller: Pick<Caller, 'name' | 'grants'>, { permissions, scope }: Omit<Grant, 'role'>): boolean {
  return permissions.every((permission) => {
    const verdict = judgeAccess(caller, permission)
    if (!verdict.ok) return false
    return verdict.scope === undefined || (scope !== undefined && isWithin(scope, verdict.scope))
  })
}
