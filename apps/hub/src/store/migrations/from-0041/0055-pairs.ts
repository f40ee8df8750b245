/** 0055: pairs of devices, pairs that were ended, and the reports of devices about their part in them. */
import type { Kysely } from 'kysely'
import { ofOrganisation, primary, required } from '../0001/columns.ts'

export async function pairTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('pairs')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('first_id', 'text', required)
    .addColumn('second_id', 'text', required)
    .addColumn('witness_id', 'text', required)
    .addColumn('address', 'text', required)
    .addColumn('interface', 'text', required)
    .addColumn('turn', 'integer', required)
    .addColumn('turn_to', 'text')
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .addUniqueConstraint('pairs_name', ['organisation_id', 'name'])
    .execute()
  await db.schema
    .createTable('ended_pairs')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('first_id', 'text', required)
    .addColumn('second_id', 'text', required)
    .addColumn('witness_id', 'text', required)
    .addColumn('ended_at_ms', 'bigint', required)
    .execute()
  await db.schema
    .createTable('pair_reports')
    .addColumn('device_id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('said', 'text', required)
    .addColumn('said_at_ms', 'bigint', required)
    .execute()
}
