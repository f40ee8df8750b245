/** 0048: the devices that a deployment must leave to another one, which has no other device. */
import type { Kysely } from 'kysely'
import { ofDevice, ofOrganisation } from '../0001/columns.ts'

export async function placementReserves(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('placement_reserves')
    .addColumn('deployment_id', 'text', (column) => column.notNull().references('deployments.id').onDelete('cascade'))
    .addColumn('device_id', 'text', ofDevice)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addPrimaryKeyConstraint('placement_reserves_key', ['deployment_id', 'device_id'])
    .execute()
}
