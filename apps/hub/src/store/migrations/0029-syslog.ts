/** 0029: where each organisation's audit trail is sent, and how far that has got. */
import type { Kysely } from 'kysely'

export async function syslog(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('syslog_exports')
    .addColumn('organisation_id', 'text', (column) => column.primaryKey().references('organisations.id'))
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('private_key', 'text')
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .addColumn('sent_sequence', 'bigint', (column) => column.notNull())
    .addColumn('sent_checkpoint', 'bigint', (column) => column.notNull())
    .addColumn('sent_at_ms', 'bigint')
    .addColumn('problem', 'text')
    .execute()
}
