/** Passkey store: which authenticators sign for whom. Only public keys: nobody signs in with what a backup holds. */

import type { Passkey } from '@skerry/contract/people/passkey'
import type { PasskeyId, UserId } from '@skerry/contract/values/ids'
import type { Db, Tx } from '../../store/store.ts'
import type { PasskeyTable } from '../../store/tables/access/people-tables.ts'

/** A person's passkeys, oldest first. */
export const passkeysOf = (db: Db, userId: UserId): Promise<PasskeyTable[]> =>
  db.selectFrom('passkeys').selectAll().where('user_id', '=', userId).orderBy('created_at_ms').orderBy('id').execute()

/** How many there are. */
export async function countPasskeys(db: Db, userId: UserId): Promise<number> {
  const { count } = await db
    .selectFrom('passkeys')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return count
}

/** What the authenticator calls so, and whose it is. */
export const findCredential = (db: Db, credentialId: string): Promise<(PasskeyTable & { user: string }) | undefined> =>
  db
    .selectFrom('passkeys')
    .innerJoin('users', 'users.id', 'passkeys.user_id')
    .selectAll('passkeys')
    .select('users.name as user')
    .where('credential_id', '=', credentialId)
    .executeTakeFirst()

/** Keeps it; false where somebody has it already. */
export async function insertPasskey(tx: Tx, row: PasskeyTable): Promise<boolean> {
  const result = await tx
    .insertInto('passkeys')
    .values(row)
    .onConflict((conflict) => conflict.column('credential_id').doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows) > 0
}

/** Notes that it has signed; false where it is gone, or has signed something newer meanwhile. */
export async function usePasskey(
  tx: Tx,
  { id, counter }: Pick<PasskeyTable, 'id' | 'counter'>,
  { newCounter, nowMs }: { newCounter: number; nowMs: number },
): Promise<boolean> {
  const result = await tx
    .updateTable('passkeys')
    .set({ counter: newCounter, last_used_at_ms: nowMs })
    .where('id', '=', id)
    .where('counter', '=', counter)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

type Own = { id: PasskeyId; userId: UserId }

/** Calls it something else, and gives what it was called; undefined where the person has no such one. */
export async function renamePasskey(tx: Tx, own: Own, name: string): Promise<string | undefined> {
  const row = await findOwn(tx, own)
  if (row) await tx.updateTable('passkeys').set({ name }).where('id', '=', own.id).execute()
  return row?.name
}

/** Forgets it, and gives what it was called; undefined where the person has no such one. */
export async function removePasskey(tx: Tx, own: Own): Promise<string | undefined> {
  const row = await findOwn(tx, own)
  if (row) await tx.deleteFrom('passkeys').where('id', '=', own.id).execute()
  return row?.name
}

const findOwn = (tx: Tx, { id, userId }: Own) =>
  tx.selectFrom('passkeys').select('name').where('id', '=', id).where('user_id', '=', userId).executeTakeFirst()

/** The passkey as the API shows it. */
export const passkeyOf = ({ id, name, is_synced, created_at_ms, last_used_at_ms }: PasskeyTable): Passkey => ({
  id,
  name,
  isSynced: is_synced === 1,
  createdAtMs: created_at_ms,
  ...(last_used_at_ms === null ? {} : { lastUsedAtMs: last_used_at_ms }),
})
