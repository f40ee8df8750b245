/** 0035: signed test results of versions, and the rules that require them. */
import type { Kysely } from 'kysely'
import { ofOrganisation, onePerOrganisation, required } from '../0001/columns.ts'

export async function testReportTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('test_reports')
    .addColumn('version_id', 'text', (column) => column.notNull().references('versions.id').onDelete('cascade'))
    .addColumn('digest', 'text', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('suite', 'text', required)
    .addColumn('key_id', 'text', required)
    .addColumn('passed', 'integer', required)
    .addColumn('finished_at_ms', 'bigint', required)
    .addColumn('summary', 'text', required)
    .addColumn('bundle', 'text', required)
    .addColumn('added_at_ms', 'bigint', required)
    .addColumn('added_by', 'text', required)
    .addPrimaryKeyConstraint('test_reports_key', ['version_id', 'digest'])
    .execute()
  await db.schema
    .createTable('test_policies')
    .addColumn('organisation_id', 'text', onePerOrganisation)
    .addColumn('revision', 'bigint', required)
    .addColumn('rules', 'text', required)
    .addColumn('updated_at_ms', 'bigint', required)
    .addColumn('updated_by', 'text', required)
    .execute()
}
