/** 0042: orders by which each of several machines learns. The learnings have their phases. */
import type { Kysely } from 'kysely'
import { ofOrganisation, primary, required } from '../0001/columns.ts'

export async function learningFleets(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('learning_fleets')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('spec', 'text', required)
    .addColumn('left_out', 'text', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .execute()
  await db.schema
    .createIndex('learning_fleets_by_name')
    .on('learning_fleets')
    .columns(['organisation_id', 'name', 'created_at_ms'])
    .execute()
  // Null for a learning that a person started for one machine.
  await db.schema.alterTable('learnings').addColumn('fleet_id', 'text').execute()
  await db.schema.createIndex('learnings_by_fleet').on('learnings').columns(['fleet_id', 'phase']).execute()
}
