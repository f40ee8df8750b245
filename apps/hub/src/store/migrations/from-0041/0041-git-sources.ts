/** 0041: Git repositories that the hub follows. */
import type { Kysely } from 'kysely'
import { ofOrganisation, primary, required } from '../0001/columns.ts'

export async function gitSourceTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('git_sources')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('spec', 'text', required)
    .addColumn('key_id', 'text', required)
    .addColumn('sealed', 'text', required)
    .addColumn('has_token', 'integer', required)
    .addColumn('has_webhook', 'integer', required)
    .addColumn('paused', 'text')
    .addColumn('accepted', 'text')
    .addColumn('applied', 'text')
    .addColumn('result', 'text')
    .addColumn('checked_at_ms', 'bigint')
    .addColumn('next_at_ms', 'bigint', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('changed_at_ms', 'bigint', required)
    .addColumn('changed_by', 'text', required)
    .addUniqueConstraint('git_sources_name', ['organisation_id', 'name'])
    .execute()
}
