/** 0053: federated orders: the state of an order, and the parts of its devices until it is over. */
import type { Kysely } from 'kysely'
import { ofOrganisation, primary, required } from '../0001/columns.ts'

export async function learningTogether(db: Kysely<unknown>): Promise<void> {
  // Null if each device learns a detector of its own.
  await db.schema.alterTable('learning_fleets').addColumn('together', 'text').execute()
  await db.schema
    .createTable('learning_parts')
    .addColumn('learning_id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('part', 'text', required)
    .addColumn('own', 'text')
    .execute()
  await db.schema
    .createIndex('learning_parts_by_organisation')
    .on('learning_parts')
    .columns(['organisation_id'])
    .execute()
}
