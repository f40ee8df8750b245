/** 0025: the classes of data of sources and sinks. A table of its own, so that nobody reads past their large specs. */
import type { Kysely } from 'kysely'
import { ofOrganisation, required } from '../0001/columns.ts'

export async function dataClassTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('connection_classes')
    .addColumn('connection_id', 'text', (column) =>
      column.primaryKey().references('connections.id').onDelete('cascade').notNull(),
    )
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('classes', 'text', required)
    .execute()
  await db.schema
    .createIndex('connection_classes_by_organisation')
    .on('connection_classes')
    .columns(['organisation_id'])
    .execute()
}
