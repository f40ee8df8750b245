/** 0017: devices without an agent, whose own updater polls the hub by the protocol DDI. */
import type { Kysely } from 'kysely'
import { ofOrganisation, onePerDevice, required } from './0001/columns.ts'

export async function ddiTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('ddi_devices')
    .addColumn('device_id', 'text', onePerDevice)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('controller_id', 'text', required)
    .addColumn('token_hash', 'text', required)
    .addColumn('must_confirm', 'integer', required)
    .addColumn('record', 'text', required)
    .execute()
  await db.schema
    .createIndex('ddi_devices_by_controller')
    .unique()
    .on('ddi_devices')
    .columns(['organisation_id', 'controller_id'])
    .execute()
}
