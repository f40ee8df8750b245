/** Equipment: secrets, sources and sinks, the reports of devices on them, and the values that devices send. */
import type { Kysely } from 'kysely'
import { ofDevice, ofOrganisation, onePerDevice, primary, required } from './columns.ts'

export async function equipmentTables(db: Kysely<unknown>): Promise<void> {
  await secrets(db)
  await secretVersions(db)
  await deviceSecrets(db)
  await connections(db)
  await deviceConnections(db)
  await telemetry(db)
  await telemetryStreams(db)
  await telemetrySignals(db)
  await telemetryHours(db)
}

/** The secrets of a site or a device are deleted with it. */
async function secrets(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('secrets')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('owner', 'text', required)
    .addColumn('site_id', 'text', (column) => column.references('sites.id').onDelete('cascade'))
    .addColumn('device_id', 'text', (column) => column.references('devices.id').onDelete('cascade'))
    .addColumn('version', 'integer', required)
    .addColumn('size_bytes', 'integer', required)
    .addColumn('value', 'text', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('updated_at_ms', 'bigint', required)
    .addColumn('updated_by', 'text', required)
    .addUniqueConstraint('secrets_by_owner', ['organisation_id', 'owner', 'name'])
    .execute()
  // Both are searched when a site or a device is deleted.
  await db.schema.createIndex('secrets_by_site_id').on('secrets').columns(['site_id']).execute()
  await db.schema.createIndex('secrets_by_device_id').on('secrets').columns(['device_id']).execute()
}

async function secretVersions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('secret_versions')
    .addColumn('secret_id', 'text', (column) => column.notNull().references('secrets.id').onDelete('cascade'))
    .addColumn('version', 'integer', required)
    .addColumn('size_bytes', 'integer', required)
    .addColumn('set_at_ms', 'bigint', required)
    .addColumn('set_by', 'text', required)
    .addPrimaryKeyConstraint('secret_versions_key', ['secret_id', 'version'])
    .execute()
}

async function deviceSecrets(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_secrets')
    .addColumn('device_id', 'text', onePerDevice)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('revision', 'text')
    .addColumn('said_at_ms', 'bigint', required)
    .execute()
}

/** Sources and sinks. The connections of a site or a device are deleted with it. */
async function connections(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('connections')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('kind', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('owner', 'text', required)
    .addColumn('site_id', 'text', (column) => column.references('sites.id').onDelete('cascade'))
    .addColumn('device_id', 'text', (column) => column.references('devices.id').onDelete('cascade'))
    .addColumn('version', 'integer', required)
    .addColumn('protocol', 'text', required)
    .addColumn('tags', 'integer')
    .addColumn('digest', 'text', required)
    .addColumn('size_bytes', 'integer', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('updated_at_ms', 'bigint', required)
    .addColumn('updated_by', 'text', required)
    // The last column, so that a list does not read past the large text.
    .addColumn('spec', 'text', required)
    .addUniqueConstraint('connections_by_owner', ['organisation_id', 'owner', 'kind', 'name'])
    .execute()
  // Both are searched when a site or a device is deleted.
  await db.schema.createIndex('connections_by_site_id').on('connections').columns(['site_id']).execute()
  await db.schema.createIndex('connections_by_device_id').on('connections').columns(['device_id']).execute()
}

async function deviceConnections(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_connections')
    .addColumn('device_id', 'text', onePerDevice)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('revision', 'text')
    .addColumn('running', 'text', required)
    .addColumn('hub_queue', 'text')
    .addColumn('said_at_ms', 'bigint', required)
    .execute()
}

/**
 * The key finds one signal of one device by time, at the same cost for any number of others. The index finds the rows
 * to remove.
 */
async function telemetry(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('telemetry')
    .addColumn('device_id', 'text', ofDevice)
    .addColumn('signal', 'text', required)
    .addColumn('at_ms', 'bigint', required)
    .addColumn('stream', 'text', required)
    .addColumn('lane', 'text', required)
    .addColumn('sequence', 'bigint', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('hour', 'bigint', required)
    .addColumn('number', 'double precision')
    .addColumn('text', 'text')
    .addColumn('quality', 'text', required)
    .addColumn('cause', 'text')
    .addPrimaryKeyConstraint('telemetry_key', ['device_id', 'signal', 'at_ms', 'stream', 'lane', 'sequence'])
    .execute()
  await db.schema.createIndex('telemetry_hour').on('telemetry').columns(['organisation_id', 'hour']).execute()
}

/** The last number of each lane of each queue. */
async function telemetryStreams(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('telemetry_streams')
    .addColumn('device_id', 'text', ofDevice)
    .addColumn('stream', 'text', required)
    .addColumn('lane', 'text', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('last', 'bigint', required)
    .addColumn('lost', 'bigint', required)
    .addColumn('at_ms', 'bigint', required)
    .addPrimaryKeyConstraint('telemetry_streams_key', ['device_id', 'stream', 'lane'])
    .execute()
}

async function telemetrySignals(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('telemetry_signals')
    .addColumn('device_id', 'text', ofDevice)
    .addColumn('signal', 'text', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('unit', 'text')
    .addColumn('count', 'bigint', required)
    .addColumn('newest_at_ms', 'bigint', required)
    .addColumn('newest_number', 'double precision')
    .addColumn('newest_text', 'text')
    .addColumn('newest_quality', 'text', required)
    .addPrimaryKeyConstraint('telemetry_signals_key', ['device_id', 'signal'])
    .execute()
}

/** The number of values that arrived in each hour. */
async function telemetryHours(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('telemetry_hours')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('hour', 'bigint', required)
    .addColumn('count', 'bigint', required)
    .addPrimaryKeyConstraint('telemetry_hours_key', ['organisation_id', 'hour'])
    .execute()
}
