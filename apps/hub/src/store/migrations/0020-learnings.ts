/** 0021: learnings of the normal state of tags. A name may come again: each start is a learning of its own. */
import type { Kysely } from 'kysely'
import { ofOrganisation, primary, required } from './0001/columns.ts'

export async function learningTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('learnings')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    // Not a reference: the history outlives the device.
    .addColumn('device_id', 'text', required)
    .addColumn('spec', 'text', required)
    .addColumn('phase', 'text', required)
    .addColumn('seed', 'bigint', required)
    .addColumn('rows', 'integer', required)
    .addColumn('reason', 'text')
    .addColumn('outcome', 'text')
    .addColumn('model_version', 'integer')
    .addColumn('flow_version', 'integer')
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .addColumn('ended_at_ms', 'bigint')
    .execute()
  await db.schema
    .createIndex('learnings_by_name')
    .on('learnings')
    .columns(['organisation_id', 'name', 'created_at_ms'])
    .execute()
  await db.schema.createIndex('learnings_by_device').on('learnings').columns(['device_id', 'phase']).execute()
}
