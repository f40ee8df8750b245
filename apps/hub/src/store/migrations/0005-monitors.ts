/** 0005: monitors of models, reference profiles of versions, and the counts of devices. */
import type { Kysely } from 'kysely'
import { ofDevice, ofOrganisation, required } from './0001/columns.ts'

export async function monitorTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('monitors')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('model', 'text', required)
    .addColumn('spec', 'text', required)
    .addColumn('changed_at_ms', 'bigint', required)
    .addColumn('changed_by', 'text', required)
    // The newest verdict, so that alerts need not judge. Null before the first one.
    .addColumn('state', 'text')
    .addColumn('since_ms', 'bigint')
    .addColumn('verdicts', 'text')
    .addPrimaryKeyConstraint('monitors_key', ['organisation_id', 'model'])
    .execute()
  await db.schema
    .createTable('monitor_acts')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('model', 'text', required)
    .addColumn('at_ms', 'bigint', required)
    .addColumn('action', 'text', required)
    .addColumn('version', 'integer', required)
    .addColumn('outcome', 'text', required)
    .addColumn('message', 'text', required)
    .addPrimaryKeyConstraint('monitor_acts_key', ['organisation_id', 'model', 'at_ms', 'action'])
    .execute()
  await db.schema
    .createTable('version_profiles')
    .addColumn('version_id', 'text', (column) => column.primaryKey().references('versions.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('digest', 'text', required)
    .addColumn('profile', 'text', required)
    .addColumn('made_at_ms', 'bigint', required)
    .addColumn('made_by', 'text', required)
    .execute()
  await windows(db)
}

/** The key is that of the value in the queue of the device, so that a window that comes twice is stored once. */
async function windows(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('monitor_windows')
    .addColumn('device_id', 'text', ofDevice)
    .addColumn('stream', 'text', required)
    .addColumn('lane', 'text', required)
    .addColumn('sequence', 'bigint', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('model', 'text', required)
    .addColumn('version', 'integer', required)
    .addColumn('profile', 'text', required)
    .addColumn('start_ms', 'bigint', required)
    .addColumn('end_ms', 'bigint', required)
    .addColumn('rows', 'bigint', required)
    .addColumn('counted', 'bigint', required)
    .addColumn('features', 'text', required)
    .addPrimaryKeyConstraint('monitor_windows_key', ['device_id', 'stream', 'lane', 'sequence'])
    .execute()
  await db.schema
    .createIndex('monitor_windows_by_model')
    .on('monitor_windows')
    .columns(['organisation_id', 'model', 'start_ms'])
    .execute()
  await sums(db)
  await db.schema.createIndex('monitor_windows_by_end').on('monitor_windows').columns(['end_ms']).execute()
}

/** The windows of all devices that began at the same time, so that a verdict costs the same for any number of devices. */
async function sums(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('monitor_sums')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('model', 'text', required)
    .addColumn('version', 'integer', required)
    .addColumn('profile', 'text', required)
    .addColumn('start_ms', 'bigint', required)
    .addColumn('end_ms', 'bigint', required)
    .addColumn('windows', 'integer', required)
    .addColumn('rows', 'bigint', required)
    .addColumn('counted', 'bigint', required)
    .addColumn('features', 'text', required)
    .addPrimaryKeyConstraint('monitor_sums_key', ['organisation_id', 'model', 'start_ms', 'version', 'profile'])
    .execute()
  await db.schema.createIndex('monitor_sums_by_end').on('monitor_sums').columns(['end_ms']).execute()
}
