/** 0028: what waits for a second person, which rules there are, and whose hands a key is in. */
import type { Kysely } from 'kysely'

export async function approvals(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('keys').addColumn('person_id', 'text').execute()
  await db.schema
    .createTable('approval_rules')
    .addColumn('organisation_id', 'text', (column) => column.primaryKey().references('organisations.id'))
    .addColumn('rules', 'text', (column) => column.notNull())
    .addColumn('loosened', 'text')
    .execute()
  await db.schema
    .createTable('approvals')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('object', 'text', (column) => column.notNull())
    .addColumn('input', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('hands', 'text', (column) => column.notNull())
    .addColumn('asked', 'text', (column) => column.notNull())
    .addColumn('answered', 'text')
    .addColumn('reason', 'text')
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('approvals_by_time')
    .on('approvals')
    .columns(['organisation_id', 'created_at_ms', 'id'])
    .execute()
  await db.schema.createIndex('approvals_by_subject').on('approvals').columns(['organisation_id', 'subject']).execute()
}
