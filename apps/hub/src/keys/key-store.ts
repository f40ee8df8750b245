/** Key store: API keys as records. */

import type { Key } from '@skerry/contract/people/key'
import type { KeyId, OrganisationId, UserId } from '@skerry/contract/values/ids'
import type { RoleColumns } from '../roles/role-store.ts'
import type { Json } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { KeyTable } from '../store/tables/foundation-tables.ts'

export type KeyRow = KeyTable &
  RoleColumns & {
    organisation: string
    /** From the organisation of the key. */
    disabled_at_ms?: number | null | undefined
    /** From the organisation: the roles that need a second factor. */
    second_factor_for?: Json<string[]> | null
  }

/** A key of a list, with the e-mail address of its owner. */
export type ListedKey = KeyTable & { owner_email: string | null }

/** The columns beside the key, from its organisation and its role. */
export const KEY_COLUMNS = [
  'organisations.name as organisation',
  'organisations.disabled_at_ms',
  'roles.permissions as role_permissions',
  'roles.scope as role_scope',
  'sign_in_rules.second_factor_for',
] as const

/** The key with the name of its organisation. The caller is not known yet, so the query has no organisation. */
export function findKey(db: Db, id: KeyId): Promise<KeyRow | undefined> {
  return db
    .selectFrom('keys')
    .innerJoin('organisations', 'organisations.id', 'keys.organisation_id')
    .leftJoin('sign_in_rules', 'sign_in_rules.organisation_id', 'keys.organisation_id')
    .leftJoin('roles', (join) =>
      join.onRef('roles.organisation_id', '=', 'keys.organisation_id').onRef('roles.name', '=', 'keys.role'),
    )
    .selectAll('keys')
    .select(KEY_COLUMNS)
    .where('keys.id', '=', id)
    .executeTakeFirst()
}

/** One page of an organisation's keys, by id. */
export function listKeys(
  db: Db,
  { organisationId, limit, after }: { organisationId: OrganisationId; limit: number; after: string | undefined },
): Promise<ListedKey[]> {
  return listed(db)
    .where('keys.organisation_id', '=', organisationId)
    .$if(after !== undefined, (select) => select.where('keys.name', '>', after ?? ''))
    .orderBy('keys.name')
    .limit(limit)
    .execute()
}

const listed = (db: Db) =>
  db
    .selectFrom('keys')
    .leftJoin('users', 'users.id', 'keys.user_id')
    .selectAll('keys')
    .select('users.email as owner_email')

/** A person's valid keys, newest first. */
export const keysOfUser = (
  db: Db,
  { organisationId, userId, nowMs }: { organisationId: OrganisationId; userId: UserId; nowMs: number },
): Promise<ListedKey[]> =>
  listed(db)
    .where('keys.organisation_id', '=', organisationId)
    .where('keys.user_id', '=', userId)
    .where('keys.revoked_at_ms', 'is', null)
    .where('keys.expires_at_ms', '>', nowMs)
    .orderBy('keys.created_at_ms', 'desc')
    .limit(KEYS_OF_USER_MAX)
    .execute()

/** One page of keys; a person made each of them in a browser. */
const KEYS_OF_USER_MAX = 500

/** Adds the key; false if the organisation has one of the name. */
export async function insertKey(tx: Tx, row: KeyTable): Promise<boolean> {
  const result = await tx
    .insertInto('keys')
    .values(row)
    .onConflict((conflict) => conflict.columns(['organisation_id', 'name']).doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows) > 0
}

/** Marks the key as revoked and keeps the first time; undefined if the organisation has no such key. */
export async function revokeKey(
  tx: Tx,
  { organisationId, id, nowMs }: { organisationId: OrganisationId; id: KeyId; nowMs: number },
): Promise<KeyTable | undefined> {
  await tx
    .updateTable('keys')
    .set({ revoked_at_ms: nowMs })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .where('revoked_at_ms', 'is', null)
    .execute()
  return tx
    .selectFrom('keys')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .executeTakeFirst()
}

/** Stores the times of last use; an older time never replaces a newer one. */
export async function touchKeys(tx: Tx, usedAtMs: ReadonlyMap<KeyId, number>): Promise<void> {
  for (const [id, atMs] of usedAtMs) {
    await tx
      .updateTable('keys')
      .set({ last_used_at_ms: atMs })
      .where('id', '=', id)
      .where((where) => where.or([where('last_used_at_ms', 'is', null), where('last_used_at_ms', '<', atMs)]))
      .execute()
  }
}

/** The key as the API shows it: without its hash. */
export const storedKey = (row: KeyTable & Partial<Pick<ListedKey, 'owner_email'>>): Key => ({
  id: row.id,
  name: row.name,
  role: row.role,
  createdAtMs: row.created_at_ms,
  ...(row.expires_at_ms === null ? {} : { expiresAtMs: row.expires_at_ms }),
  ...(row.last_used_at_ms === null ? {} : { lastUsedAtMs: row.last_used_at_ms }),
  ...(row.revoked_at_ms === null ? {} : { revokedAtMs: row.revoked_at_ms }),
  ...(row.user_id === null ? {} : { owner: { id: row.user_id, ...(row.owner_email && { email: row.owner_email }) } }),
})
