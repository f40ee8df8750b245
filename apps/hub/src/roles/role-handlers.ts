/** Handlers of the procedures on roles. */

import { builtInRolesOf } from '@skerry/contract/people/organisation'
import { Permission, Role } from '@skerry/contract/people/permissions'
import { ROLES_MAX, type RoleName, type RoleSpec, type RoleView } from '@skerry/contract/people/role'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { mayGive } from '@skerry/core/people/access'
import { compileScope } from '@skerry/core/people/scope'
import { expandSelector } from '../groups/group-store.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { problem, throwProblem } from '../http/problem.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { RoleTable } from '../store/tables/access/role-tables.ts'
import {
  builtInRoleOf,
  deleteRole,
  findGrant,
  findRole,
  type Holders,
  holdersOf,
  insertRole,
  listRoles,
  roleOf,
  updateRole,
} from './role-store.ts'

export const roleHandlers = {
  list: os.role.list.handler(async ({ context }) => {
    const { hub, organisationId } = context
    const { db } = hub.store
    const holders = await holdersOf(db, organisationId, hub.clock.nowMs())
    const own = await listRoles(db, organisationId)
    const builtIn = builtInRolesOf(context.caller.organisation).map((role) => builtInRoleOf(role, holders(role)))
    return { rows: [...builtIn, ...own.map((row) => roleOf(row, holders(row.name)))] }
  }),
  show: os.role.show.handler(({ context, input: { role } }) => viewOf(context, context.hub.store.db, role)),
  create: os.role.create.handler(({ context, input: { name, ...spec } }) =>
    context.change(async (tx, note) => {
      const { organisationId } = context
      if (Role.safeParse(name).success) throw problem('role_exists')
      const row = await rowOf(tx, context, name, spec)
      if ((await listRoles(tx, organisationId)).length >= ROLES_MAX) throw problem('role_limit_reached')
      if (!(await insertRole(tx, row))) throw problem('role_exists')
      note.object.id = name
      note.detail = { ...spec }
      return viewOf(context, tx, name)
    }),
  ),
  edit: os.role.edit.handler(async ({ context, input: { role: name, ...spec } }) => {
    const view = await context.change(async (tx, note) => {
      const before = await steered(tx, context, name)
      await updateRole(tx, {
        ...(await rowOf(tx, context, name, spec)),
        created_at_ms: before.created_at_ms,
        revision: before.revision + 1,
      })
      note.detail = { from: specOf(before), to: { ...spec } }
      return viewOf(context, tx, name)
    })
    context.hub.bus.publish('role.changed', context.organisationId)
    return view
  }),
  remove: os.role.remove.handler(({ context, input: { role: name } }) =>
    context.change(async (tx, note) => {
      const { organisationId, hub } = context
      const before = await steered(tx, context, name)
      refuseHeld(name, (await holdersOf(tx, organisationId, hub.clock.nowMs()))(name))
      await deleteRole(tx, organisationId, name)
      note.detail = specOf(before)
      return {}
    }),
  ),
}

async function viewOf({ hub, organisationId }: KeyCall, db: Db, name: RoleName): Promise<RoleView> {
  const holders = (await holdersOf(db, organisationId, hub.clock.nowMs()))(name)
  const builtIn = Role.safeParse(name)
  if (builtIn.success) return builtInRoleOf(builtIn.data, holders)
  const row = await findRole(db, organisationId, name)
  if (!row) throw problem('role_unknown')
  return roleOf(row, holders)
}

/** The row of the spec. Throws if it has permissions that the caller does not have. */
async function rowOf(
  tx: Tx,
  { hub, caller, organisationId }: KeyCall,
  name: RoleName,
  spec: RoleSpec,
): Promise<RoleTable> {
  const { scope, description } = spec
  const compiled = scope === undefined ? undefined : compileScope(await expandSelector(tx, organisationId, scope))
  if (compiled && !compiled.ok) throwProblem(compiled)
  // In the order of the table of permissions, each once.
  const permissions = Permission.options.filter((permission) => spec.permissions.some((each) => each === permission))
  if (!mayGive(caller, { permissions, scope })) throw problem('role_refused')
  const nowMs = hub.clock.nowMs()
  return {
    organisation_id: organisationId,
    name,
    permissions: toJson(permissions),
    scope: scope ?? null,
    description: description ?? null,
    revision: 1,
    created_at_ms: nowMs,
    changed_at_ms: nowMs,
  }
}

/**
 * A custom role without permissions that the caller does not have. So nobody changes roles with more permissions than
 * their own.
 */
async function steered(tx: Tx, { caller, organisationId }: KeyCall, name: RoleName): Promise<RoleTable> {
  if (Role.safeParse(name).success) throw problem('role_built_in')
  const row = await findRole(tx, organisationId, name)
  if (!row) throw problem('role_unknown')
  if (!mayGive(caller, specOf(row))) throw problem('role_refused')
  return row
}

const specOf = ({ permissions, scope, description }: RoleTable) => ({
  permissions: fromJson(permissions),
  ...(scope !== null && { scope }),
  ...(description !== null && { description }),
})

function refuseHeld(name: RoleName, { people, keys, invitations }: Holders): void {
  const parts = [
    [people, 'people'],
    [keys, 'keys'],
    [invitations, 'open invitations'],
  ] as const
  const held = parts.filter(([count]) => count > 0).map(([count, noun]) => `${count} ${noun}`)
  if (held.length > 0)
    throw problem('role_in_use', `${name} is the role of ${held.join(', ')}; give them another role first`)
}

type Giving = Pick<KeyCall, 'caller'> & { organisationId: OrganisationId }

/** Throws if the role has permissions that the caller does not have. */
export async function requireMayGive(db: Db, { caller, organisationId }: Giving, role: RoleName): Promise<void> {
  const grant = await findGrant(db, organisationId, role)
  if (!grant) throw problem('role_unknown')
  if (!mayGive(caller, grant)) throw problem('role_refused')
}

/**
 * Throws if the caller would remove a role with more permissions than their own. A deleted role grants nothing, so
 * everybody may remove it.
 */
export async function requireMayTake(db: Db, { caller, organisationId }: Giving, role: RoleName): Promise<void> {
  const grant = await findGrant(db, organisationId, role)
  if (grant && !mayGive(caller, grant)) throw problem('role_refused')
}
