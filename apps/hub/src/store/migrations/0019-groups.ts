/** 0020: groups of devices. */
import type { Kysely } from 'kysely'
import { ofOrganisation, required } from './0001/columns.ts'

export async function groupTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_groups')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('spec', 'text', required)
    .addColumn('revision', 'integer', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('changed_at_ms', 'bigint', required)
    .addColumn('changed_by', 'text', required)
    .addPrimaryKeyConstraint('device_groups_key', ['organisation_id', 'name'])
    .execute()
}
