/** Role store: roles of an organisation's own, and who has them. */

import { type Permission, permissionsOf, Role } from '@skerry/contract/people/permissions'
import type { RoleName, RoleView } from '@skerry/contract/people/role'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { builtInGrant, type Grant } from '@skerry/core/people/access'
import { fromJson, type Json } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { RoleTable } from '../store/tables/access/role-tables.ts'

/** What a query finds of a role beside whoever has it: null where it is a built-in one. */
export type RoleColumns = { role: RoleName; role_permissions: Json<Permission[]> | null; role_scope: string | null }

/** What the role grants. One that is neither built in nor there grants nothing. */
export function grantOf({ role, role_permissions, role_scope }: RoleColumns): Grant {
  const builtIn = Role.safeParse(role)
  if (builtIn.success) return builtInGrant(builtIn.data)
  const permissions = role_permissions === null ? [] : fromJson(role_permissions)
  return { role, permissions, ...(role_scope !== null && { scope: role_scope }) }
}

/** All roles of its own that the organisation has, by name. */
export const listRoles = (db: Db, organisationId: OrganisationId): Promise<RoleTable[]> =>
  db.selectFrom('roles').selectAll().where('organisation_id', '=', organisationId).orderBy('name').execute()

/** The organisation's own role of the name. */
export const findRole = (db: Db, organisationId: OrganisationId, name: RoleName): Promise<RoleTable | undefined> =>
  db
    .selectFrom('roles')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .executeTakeFirst()

/** What a role of the organisation grants, built in or its own. */
export async function findGrant(db: Db, organisationId: OrganisationId, name: RoleName): Promise<Grant | undefined> {
  const builtIn = Role.safeParse(name)
  if (builtIn.success) return builtInGrant(builtIn.data)
  const row = await findRole(db, organisationId, name)
  return row && grantOf({ role: name, role_permissions: row.permissions, role_scope: row.scope })
}

/** How often the role has changed; 0 where it is built in, undefined where there is none. */
export async function revisionOf(db: Db, organisationId: OrganisationId, name: RoleName): Promise<number | undefined> {
  if (Role.safeParse(name).success) return 0
  return (await findRole(db, organisationId, name))?.revision
}

/** Adds a role; false where there is one of the name. */
export async function insertRole(tx: Tx, row: RoleTable): Promise<boolean> {
  const result = await tx
    .insertInto('roles')
    .values(row)
    .onConflict((conflict) => conflict.columns(['organisation_id', 'name']).doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows) > 0
}

/** Says anew what the role is. */
export async function updateRole(tx: Tx, { organisation_id, name, ...columns }: RoleTable): Promise<void> {
  await tx
    .updateTable('roles')
    .set(columns)
    .where('organisation_id', '=', organisation_id)
    .where('name', '=', name)
    .execute()
}

/** Removes it. */
export async function deleteRole(tx: Tx, organisationId: OrganisationId, name: RoleName): Promise<void> {
  await tx.deleteFrom('roles').where('organisation_id', '=', organisationId).where('name', '=', name).execute()
}

export type Holders = { people: number; keys: number; invitations: number }

/** How many have which role: people, keys that count, invitations that are open. */
export async function holdersOf(
  db: Db,
  organisationId: OrganisationId,
  nowMs: number,
): Promise<(role: RoleName) => Holders> {
  const [people, keys, invitations] = await Promise.all([
    db
      .selectFrom('memberships')
      .select(({ fn }) => ['role', fn.countAll<number>().as('count')])
      .where('organisation_id', '=', organisationId)
      .groupBy('role')
      .execute(),
    db
      .selectFrom('keys')
      .select(({ fn }) => ['role', fn.countAll<number>().as('count')])
      .where('organisation_id', '=', organisationId)
      .where('revoked_at_ms', 'is', null)
      .where((where) => where.or([where('expires_at_ms', 'is', null), where('expires_at_ms', '>', nowMs)]))
      .groupBy('role')
      .execute(),
    db
      .selectFrom('invitations')
      .select(({ fn }) => ['role', fn.countAll<number>().as('count')])
      .where('organisation_id', '=', organisationId)
      .where('expires_at_ms', '>', nowMs)
      .groupBy('role')
      .execute(),
  ])
  const countIn = (rows: readonly { role: RoleName; count: number }[], role: RoleName) =>
    rows.find((row) => row.role === role)?.count ?? 0
  return (role) => ({
    people: countIn(people, role),
    keys: countIn(keys, role),
    invitations: countIn(invitations, role),
  })
}

/** The organisation's own role as the API shows it. */
export const roleOf = (row: RoleTable, holders: Holders): RoleView => ({
  name: row.name,
  isBuiltIn: false,
  revision: row.revision,
  permissions: fromJson(row.permissions),
  ...(row.scope !== null && { scope: row.scope }),
  ...(row.description !== null && { description: row.description }),
  ...holders,
  createdAtMs: row.created_at_ms,
  changedAtMs: row.changed_at_ms,
})

/** The built-in role as the API shows it. */
export const builtInRoleOf = (role: Role, holders: Holders): RoleView => ({
  name: role,
  isBuiltIn: true,
  revision: 0,
  permissions: [...permissionsOf[role]],
  ...holders,
})
