/** 0032: which groups give which roles, where a second person has approved it. */
import type { Kysely } from 'kysely'

export async function agreedMappings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('agreed_mappings')
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('provider', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('approval_id', 'text', (column) => column.notNull())
    .addColumn('agreed_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('agreed_mappings_key', ['organisation_id', 'provider'])
    .execute()
}
