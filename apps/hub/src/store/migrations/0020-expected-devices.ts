/** 0020: devices that were announced by serial number or key. */
import type { Kysely } from 'kysely'

export async function expectedDevices(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('expected_devices')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('site_id', 'text', (column) => column.notNull().references('sites.id').onDelete('cascade'))
    .addColumn('serial', 'text')
    .addColumn('key_fingerprint', 'text')
    .addColumn('name', 'text')
    .addColumn('labels', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('device_id', 'text', (column) => column.references('devices.id').onDelete('set null'))
    .addColumn('joined_at_ms', 'bigint')
    .addUniqueConstraint('expected_devices_serial', ['organisation_id', 'serial'])
    .addUniqueConstraint('expected_devices_key', ['organisation_id', 'key_fingerprint'])
    .execute()
  await db.schema.createIndex('expected_devices_by_device').on('expected_devices').column('device_id').execute()
  await db.schema.createIndex('expected_devices_by_site').on('expected_devices').column('site_id').execute()
}
