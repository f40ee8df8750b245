/** 0010: the devices that the policies of deployments have picked. */
import type { ColumnDefinitionBuilder, Kysely } from 'kysely'
import { ofDevice, ofOrganisation, required } from './0001/columns.ts'

const ofDeployment = (column: ColumnDefinitionBuilder) =>
  column.notNull().references('deployments.id').onDelete('cascade')

export async function placeTables(db: Kysely<unknown>): Promise<void> {
  // 1 if the newest revision has a placement policy, so that the placer reads no other deployments.
  await db.schema.alterTable('deployments').addColumn('is_placed', 'integer').execute()
  await db.schema
    .createTable('placement_picks')
    .addColumn('deployment_id', 'text', ofDeployment)
    .addColumn('device_id', 'text', ofDevice)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('picked_at_ms', 'bigint', required)
    .addColumn('leaving', 'integer')
    .addPrimaryKeyConstraint('placement_picks_key', ['deployment_id', 'device_id'])
    .execute()
  await db.schema.createIndex('placement_picks_by_device').on('placement_picks').columns(['device_id']).execute()
  await db.schema
    .createTable('placement_moves')
    .addColumn('deployment_id', 'text', ofDeployment)
    .addColumn('at_ms', 'bigint', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('moves', 'integer', required)
    .addPrimaryKeyConstraint('placement_moves_key', ['deployment_id', 'at_ms'])
    .execute()
}
