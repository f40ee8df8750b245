/** Watcher store: the people who watch open terminals, with the time of their newest look. */
import { WATCHED_SECONDS } from '@skerry/contract/access/access'
import type { AccessSessionId } from '@skerry/contract/values/ids'
import type { Db, Tx } from '../store/store.ts'
import type { AccessWatcherTable } from '../store/tables/access/access-session-tables.ts'

/** The people who watch one of the sessions now, by name. */
export async function watchersOf(
  db: Db,
  sessions: readonly AccessSessionId[],
  nowMs: number,
): Promise<AccessWatcherTable[]> {
  if (sessions.length === 0) return []
  return await db
    .selectFrom('access_watchers')
    .selectAll()
    .where('session_id', 'in', sessions)
    .where('seen_at_ms', '>', nowMs - WATCHED_SECONDS * 1_000)
    .orderBy('name')
    .execute()
}

/** The names of all people who have watched the session. */
export async function watcherNames(db: Db, session: AccessSessionId): Promise<string[]> {
  const rows = await db
    .selectFrom('access_watchers')
    .select('name')
    .where('session_id', '=', session)
    .orderBy('name')
    .execute()
  return rows.map(({ name }) => name)
}

/** Undefined if the person has not begun to watch the session. */
export const findWatcher = (db: Db, { id, personId }: { id: AccessSessionId; personId: string }) =>
  db
    .selectFrom('access_watchers')
    .selectAll()
    .where('session_id', '=', id)
    .where('person_id', '=', personId as AccessWatcherTable['person_id'])
    .executeTakeFirst()

/** Records that the person watches the session from now on, or still does. */
export const saveWatcher = (tx: Tx, row: AccessWatcherTable) =>
  tx
    .insertInto('access_watchers')
    .values(row)
    .onConflict((conflict) => conflict.columns(['session_id', 'person_id']).doUpdateSet({ seen_at_ms: row.seen_at_ms }))
    .execute()
