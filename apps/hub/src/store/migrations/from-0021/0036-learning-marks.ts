/** 0036: times that people mark for the next learning of a name. */
import type { Kysely } from 'kysely'
import { ofOrganisation, primary, required } from '../0001/columns.ts'

export async function learningMarks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('learning_marks')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    // Not a reference: the mark belongs to the learnings of this name, whose history outlives the device.
    .addColumn('device_id', 'text', required)
    .addColumn('kind', 'text', required)
    .addColumn('from_ms', 'bigint', required)
    .addColumn('to_ms', 'bigint', required)
    .addColumn('reason', 'text', required)
    .addColumn('rows', 'integer')
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .execute()
  await db.schema
    .createIndex('learning_marks_by_name')
    .on('learning_marks')
    .columns(['organisation_id', 'name', 'device_id'])
    .execute()
}
