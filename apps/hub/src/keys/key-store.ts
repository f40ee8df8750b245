/** Key store: API keys as records. */
import type { KeyId, OrganisationId } from '@skerry/contract/ids'
import type { Key } from '@skerry/contract/key'
import type { KeyTable } from '../store/foundation-tables.ts'
import type { Db, Tx } from '../store/store.ts'

export type KeyRow = KeyTable & { organisation: string }

/** The key with the name of its organisation; the caller is not known yet, so no organisation is asked for. */
export function findKey(db: Db, id: KeyId): Promise<KeyRow | undefined> {
  return db
    .selectFrom('keys')
    .innerJoin('organisations', 'organisations.id', 'keys.organisation_id')
    .selectAll('keys')
    .select('organisations.name as organisation')
    .where('keys.id', '=', id)
    .executeTakeFirst()
}

/** One page of an organisation's keys, by id. */
export function listKeys(
  db: Db,
  { organisationId, limit, after }: { organisationId: OrganisationId; limit: number; after: string | undefined },
): Promise<KeyTable[]> {
  return db
    .selectFrom('keys')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(after !== undefined, (select) => select.where('name', '>', after ?? ''))
    .orderBy('name')
    .limit(limit)
    .execute()
}

/** Adds the key; false where the organisation has one of the name. */
export async function insertKey(tx: Tx, row: KeyTable): Promise<boolean> {
  const result = await tx
    .insertInto('keys')
    .values(row)
    .onConflict((conflict) => conflict.columns(['organisation_id', 'name']).doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows) > 0
}

/** Marks the key as revoked, from the first time on; undefined where the organisation has no such key. */
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

/** When the keys were last used; an older time never replaces a newer one. */
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
export const keyOf = (row: KeyTable): Key => ({
  id: row.id,
  name: row.name,
  role: row.role,
  createdAtMs: row.created_at_ms,
  ...(row.expires_at_ms === null ? {} : { expiresAtMs: row.expires_at_ms }),
  ...(row.last_used_at_ms === null ? {} : { lastUsedAtMs: row.last_used_at_ms }),
  ...(row.revoked_at_ms === null ? {} : { revokedAtMs: row.revoked_at_ms }),
})
