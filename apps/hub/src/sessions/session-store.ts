/** Session store: sessions as records, each with the key behind it. */
import type { KeyId } from '@skerry/contract/values/ids'
import { KEY_COLUMNS, type KeyRow } from '../keys/key-store.ts'
import type { Db, Tx } from '../store/store.ts'
import type { SessionTable } from '../store/tables/access/session-tables.ts'

/** A person has a few browsers; a script that signs in for every call pushes out its own oldest sessions only. */
const SESSIONS_PER_KEY_MAX = 100

/** The key behind a session that has not ended by itself. Whether the key still counts is for the caller to judge. */
export function findSessionKey(db: Db, idHash: string, nowMs: number): Promise<KeyRow | undefined> {
  return db
    .selectFrom('sessions')
    .innerJoin('keys', 'keys.id', 'sessions.key_id')
    .innerJoin('organisations', 'organisations.id', 'keys.organisation_id')
    .leftJoin('roles', (join) =>
      join.onRef('roles.organisation_id', '=', 'keys.organisation_id').onRef('roles.name', '=', 'keys.role'),
    )
    .selectAll('keys')
    .leftJoin('sign_in_rules', 'sign_in_rules.organisation_id', 'keys.organisation_id')
    .select(KEY_COLUMNS)
    .where('sessions.id_hash', '=', idHash)
    .where('sessions.expires_at_ms', '>', nowMs)
    .executeTakeFirst()
}

/** Adds a session, and forgets those that are over and those that are too many. */
export async function insertSession(tx: Tx, row: SessionTable): Promise<void> {
  await tx.deleteFrom('sessions').where('expires_at_ms', '<=', row.created_at_ms).execute()
  const kept = await sessionsOf(tx, row.key_id)
  for (const { id_hash } of kept.slice(SESSIONS_PER_KEY_MAX - 1)) await deleteSession(tx, id_hash)
  await tx.insertInto('sessions').values(row).execute()
}

const sessionsOf = (db: Db, keyId: KeyId) =>
  db.selectFrom('sessions').select('id_hash').where('key_id', '=', keyId).orderBy('created_at_ms', 'desc').execute()

/** Ends a session. */
export async function deleteSession(tx: Tx, idHash: string): Promise<void> {
  await tx.deleteFrom('sessions').where('id_hash', '=', idHash).execute()
}
