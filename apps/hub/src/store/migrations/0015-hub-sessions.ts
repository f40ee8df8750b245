/** 0015: hubs on one database say where they are reached by each other. */
import type { Kysely } from 'kysely'

/** A row for each session, which counts while the session holds the lock of its number. */
export async function hubSessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('hub_sessions')
    .addColumn('number', 'integer', (column) => column.primaryKey())
    .addColumn('hub_id', 'text', (column) => column.notNull())
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('certificate_fingerprint', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('since_ms', 'bigint', (column) => column.notNull())
    .execute()
}
