/** Fleet: sites, joining, devices, their certificates and their history. */
import { type Kysely, sql } from 'kysely'
import { ofDevice, ofOrganisation, onePerDevice, onePerOrganisation, primary, required } from './columns.ts'

export async function fleetTables(db: Kysely<unknown>): Promise<void> {
  await sites(db)
  await joinTokens(db)
  await joiningRules(db)
  await authorities(db)
  await devices(db)
  await expectedDevices(db)
  await deviceOrigins(db)
  await deviceDuplicates(db)
  await deviceLinks(db)
  await deviceEvents(db)
  await deviceJournals(db)
}

async function sites(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sites')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('kind', 'text', required)
    .addColumn('country', 'text')
    .addColumn('region', 'text')
    .addColumn('latitude', 'double precision')
    .addColumn('longitude', 'double precision')
    .addColumn('clearance', 'text', required)
    .addColumn('labels', 'text', required)
    .addColumn('revision', 'integer', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addUniqueConstraint('sites_name', ['organisation_id', 'name'])
    .execute()
}

async function joinTokens(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('join_tokens')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('site_id', 'text', (column) => column.notNull().references('sites.id'))
    .addColumn('secret_hash', 'text', (column) => column.notNull().unique())
    .addColumn('labels', 'text', required)
    .addColumn('networks', 'text', (column) => column.notNull().defaultTo('[]'))
    .addColumn('uses_max', 'integer', required)
    .addColumn('uses', 'integer', required)
    .addColumn('approval', 'text', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('expires_at_ms', 'bigint', required)
    .addColumn('revoked_at_ms', 'bigint')
    .execute()
  await db.schema.createIndex('join_tokens_by_site_id').on('join_tokens').columns(['site_id']).execute()
}

/** `lapsed_days`: the time after its end in which a certificate may be renewed. */
async function joiningRules(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('joining_rules')
    .addColumn('organisation_id', 'text', onePerOrganisation)
    .addColumn('approval', 'text', required)
    .addColumn('lapsed_days', 'integer', (column) => column.notNull().defaultTo(365))
    .execute()
}

/** Authorities that sign devices' certificates, one after another. */
async function authorities(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('authorities')
    .addColumn('id', 'text', primary)
    .addColumn('kind', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('request_pem', 'text')
    .addColumn('chain_pem', 'text')
    .addColumn('renew_within_ms', 'bigint', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('activated_at_ms', 'bigint')
    .addColumn('retired_at_ms', 'bigint')
    .execute()
}

async function devices(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('devices')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('site_id', 'text', (column) => column.notNull().references('sites.id'))
    .addColumn('name', 'text', required)
    .addColumn('labels', 'text', required)
    .addColumn('revision', 'integer', required)
    .addColumn('status', 'text', required)
    .addColumn('public_key_hash', 'text', required)
    .addColumn('certificate_pem', 'text')
    .addColumn('certificate_serial', 'text')
    .addColumn('certificate_fingerprint', 'text')
    .addColumn('certificate_not_after_ms', 'bigint')
    // The authority of the certificate that the device has shown; null for the first authority.
    .addColumn('shown_authority', 'text')
    .addColumn('join_token_id', 'text', required)
    .addColumn('generation', 'bigint', required)
    .addColumn('resumed_generation', 'bigint')
    .addColumn('resumed_digest', 'text')
    .addColumn('created_at_ms', 'bigint', required)
    .addUniqueConstraint('devices_name', ['organisation_id', 'name'])
    .addUniqueConstraint('devices_public_key', ['organisation_id', 'public_key_hash'])
    .execute()
  await db.schema.createIndex('devices_by_site_id').on('devices').columns(['site_id']).execute()
  await db.schema.createIndex('devices_by_status').on('devices').columns(['organisation_id', 'status']).execute()
  await db.schema
    .createIndex('devices_by_certificate_not_after_ms')
    .on('devices')
    .columns(['organisation_id', 'certificate_not_after_ms'])
    .execute()
  // The ledger lists these after each change; most of a fleet is not among them.
  await db.schema
    .createIndex('devices_ended')
    .on('devices')
    .columns(['status'])
    .where(sql<boolean>`status in ('revoked', 'wiped', 'wiping', 'quarantined')`)
    .execute()
}

/** Devices that were announced by serial number or key. */
async function expectedDevices(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('expected_devices')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('site_id', 'text', (column) => column.notNull().references('sites.id').onDelete('cascade'))
    .addColumn('serial', 'text')
    .addColumn('key_fingerprint', 'text')
    .addColumn('name', 'text')
    .addColumn('labels', 'text', required)
    .addColumn('created_by', 'text', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('device_id', 'text', (column) => column.references('devices.id').onDelete('set null'))
    .addColumn('joined_at_ms', 'bigint')
    .addUniqueConstraint('expected_devices_key', ['organisation_id', 'key_fingerprint'])
    .addUniqueConstraint('expected_devices_serial', ['organisation_id', 'serial'])
    .execute()
  await db.schema.createIndex('expected_devices_by_device').on('expected_devices').columns(['device_id']).execute()
  await db.schema.createIndex('expected_devices_by_site').on('expected_devices').columns(['site_id']).execute()
}

/** The last join request of each device. */
async function deviceOrigins(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_origins')
    .addColumn('device_id', 'text', onePerDevice)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('source', 'text', required)
    .addColumn('serial', 'text')
    .addColumn('hostname', 'text', required)
    .addColumn('machine', 'text', required)
    .addColumn('asked_at_ms', 'bigint', required)
    .execute()
  await db.schema
    .createIndex('device_origins_by_serial')
    .on('device_origins')
    .columns(['organisation_id', 'serial'])
    .execute()
}

/** Certificates that were used in two places at once. */
async function deviceDuplicates(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_duplicates')
    .addColumn('device_id', 'text', onePerDevice)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('first_at_ms', 'bigint', required)
    .addColumn('last_at_ms', 'bigint', required)
    .addColumn('times', 'integer', required)
    .addColumn('kept_source', 'text', required)
    .addColumn('other_source', 'text', required)
    .execute()
  await db.schema
    .createIndex('device_duplicates_by_organisation')
    .on('device_duplicates')
    .columns(['organisation_id', 'last_at_ms'])
    .execute()
}

/** The newest link of each device: its hub, its start, and its end. */
async function deviceLinks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_links')
    .addColumn('device_id', 'text', onePerDevice)
    .addColumn('hub_id', 'text', required)
    .addColumn('connected_at_ms', 'bigint', required)
    .addColumn('ended_at_ms', 'bigint')
    .addColumn('ended', 'text')
    .execute()
}

/**
 * Events are deleted with their device. The key finds the newest ones of a device, and all queries read in this order.
 */
async function deviceEvents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_events')
    .addColumn('device_id', 'text', ofDevice)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('sequence', 'bigint', required)
    .addColumn('at_ms', 'bigint', required)
    .addColumn('kind', 'text', required)
    .addColumn('change', 'text', required)
    .addPrimaryKeyConstraint('device_events_key', ['device_id', 'sequence'])
    .execute()
}

/** The last journal entry that the hub has from each device. */
async function deviceJournals(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_journals')
    .addColumn('device_id', 'text', onePerDevice)
    .addColumn('journal', 'text', required)
    .addColumn('sequence', 'bigint', required)
    .addColumn('hash', 'text', required)
    .addColumn('hour_began_ms', 'bigint', required)
    .addColumn('hour_count', 'bigint', required)
    .execute()
}
