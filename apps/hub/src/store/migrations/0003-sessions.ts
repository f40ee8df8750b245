/** 0003: the sessions of browsers. */
import type { Kysely } from 'kysely'

/** A session belongs to a key, and goes with it. */
export async function sessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sessions')
    .addColumn('id_hash', 'text', (column) => column.primaryKey())
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('key_id', 'text', (column) => column.notNull().references('keys.id').onDelete('cascade'))
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('sessions_by_key').on('sessions').columns(['key_id', 'created_at_ms']).execute()
}
