/** 0027: roles of an organisation's own. */
import type { Kysely } from 'kysely'

export async function roles(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('roles')
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('description', 'text')
    .addColumn('permissions', 'text', (column) => column.notNull())
    .addColumn('scope', 'text')
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('changed_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('roles_key', ['organisation_id', 'name'])
    .execute()
}
