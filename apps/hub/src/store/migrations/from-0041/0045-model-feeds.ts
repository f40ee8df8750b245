/** 0045: models of other systems that the hub imports. */
import type { Kysely } from 'kysely'
import { ofOrganisation, primary, required } from '../0001/columns.ts'

export async function modelFeedTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('model_feeds')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('spec', 'text', required)
    .addColumn('sealed', 'text')
    .addColumn('paused', 'text')
    .addColumn('imported', 'text')
    .addColumn('problem', 'text')
    .addColumn('checked_at_ms', 'bigint')
    .addColumn('next_at_ms', 'bigint', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('changed_at_ms', 'bigint', required)
    .addColumn('changed_by', 'text', required)
    .addUniqueConstraint('model_feeds_name', ['organisation_id', 'name'])
    .execute()
}
