/** Base: organisations, the agreement of hubs on one database, and the bytes of blobs. */
import type { Kysely } from 'kysely'
import { ofOrganisation, primary, required } from './columns.ts'

export async function baseTables(db: Kysely<unknown>): Promise<void> {
  await organisations(db)
  await hubIdentity(db)
  await hubLeader(db)
  await hubSessions(db)
  await hubLedger(db)
  await endedRecords(db)
  await hubEncryption(db)
  await hubValues(db)
  await dataKeys(db)
  await uploads(db)
  await blobs(db)
  await removedBlobs(db)
  await blobRemovals(db)
  await incomingBlobs(db)
  await incomingParts(db)
}

/** An operator decides the limits; null if there is none. */
async function organisations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('organisations')
    .addColumn('id', 'text', primary)
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('disabled_at_ms', 'bigint')
    .addColumn('disabled_reason', 'text')
    .addColumn('removed_at_ms', 'bigint')
    .addColumn('purged_at_ms', 'bigint')
    .addColumn('devices_max', 'bigint')
    .addColumn('storage_bytes_max', 'bigint')
    .addColumn('requests_per_minute_max', 'bigint')
    .execute()
}

/** One row, whose id is 1: the authority and the signing key of the database. */
async function hubIdentity(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('hub_identity')
    .addColumn('id', 'integer', primary)
    .addColumn('authority_fingerprint', 'text', required)
    .addColumn('signing_key_id', 'text', required)
    .execute()
}

/** One row, whose id is 1: the leading hub. */
async function hubLeader(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('hub_leader')
    .addColumn('id', 'integer', primary)
    .addColumn('epoch', 'bigint', required)
    .addColumn('hub_id', 'text', required)
    .addColumn('since_ms', 'bigint', required)
    .execute()
}

/**
 * The addresses at which hubs on one database reach each other. A row counts while its session holds the lock of its
 * number.
 */
async function hubSessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('hub_sessions')
    .addColumn('number', 'integer', primary)
    .addColumn('hub_id', 'text', required)
    .addColumn('url', 'text', required)
    .addColumn('certificate_fingerprint', 'text', required)
    .addColumn('version', 'text', required)
    .addColumn('since_ms', 'bigint', required)
    .execute()
}

/** One row, whose id is 1: the identity of this database, and the number of the ledger beside the model files. */
async function hubLedger(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('hub_ledger')
    .addColumn('id', 'integer', primary)
    .addColumn('database_id', 'text', required)
    .addColumn('sequence', 'bigint', required)
    .addColumn('restored_at_ms', 'bigint')
    .addColumn('trouble', 'text')
    .execute()
}

/** Removed devices and tokens that must not come back with an old backup. */
async function endedRecords(db: Kysely<unknown>): Promise<void> {
  await db.schema.createTable('ended_records').addColumn('id', 'text', primary).execute()
}

/** One row, whose id is 1: the key that encrypts data keys. */
async function hubEncryption(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('hub_encryption')
    .addColumn('id', 'integer', primary)
    .addColumn('key_id', 'text', required)
    .execute()
}

/** Values that the hub keeps encrypted for itself. */
async function hubValues(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('hub_values')
    .addColumn('name', 'text', primary)
    .addColumn('key_id', 'text', required)
    .addColumn('sealed', 'text', required)
    .execute()
}

/** The keys that encrypt secrets; each of them is encrypted itself. */
async function dataKeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('data_keys')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('wrapped', 'text', required)
    .addColumn('key_id', 'text', required)
    .addColumn('created_at_ms', 'bigint', required)
    .execute()
  await db.schema
    .createIndex('data_keys_by_organisation_id')
    .on('data_keys')
    .columns(['organisation_id', 'created_at_ms'])
    .execute()
}

async function uploads(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('uploads')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('digest', 'text', required)
    .addColumn('size_bytes', 'bigint', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('expires_at_ms', 'bigint', required)
    .addUniqueConstraint('uploads_digest', ['organisation_id', 'digest'])
    .execute()
  await db.schema.createIndex('uploads_by_expires_at_ms').on('uploads').columns(['expires_at_ms']).execute()
}

async function blobs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('blobs')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('digest', 'text', required)
    .addColumn('size_bytes', 'bigint', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('damaged_at_ms', 'bigint')
    .addPrimaryKeyConstraint('blobs_key', ['organisation_id', 'digest'])
    .execute()
  await db.schema.createIndex('blobs_by_digest').on('blobs').columns(['digest']).execute()
}

/** Blobs without a holder. Their bytes stay for some days. */
async function removedBlobs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('removed_blobs')
    .addColumn('digest', 'text', primary)
    .addColumn('removed_at_ms', 'bigint', required)
    .execute()
  await db.schema.createIndex('removed_blobs_by_time').on('removed_blobs').columns(['removed_at_ms']).execute()
}

/** Blobs that are being removed now. */
async function blobRemovals(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('blob_removals')
    .addColumn('digest', 'text', primary)
    .addColumn('since_ms', 'bigint', required)
    .execute()
}

/**
 * Blobs that arrive at a bucket in parts, through any hub. A row outlives its upload until the sweep has dropped the
 * parts in the store.
 */
async function incomingBlobs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('incoming_blobs')
    .addColumn('upload_id', 'text', primary)
    .addColumn('digest', 'text', required)
    .addColumn('store_upload_id', 'text')
    .addColumn('last_number', 'bigint', required)
    .addColumn('offset_bytes', 'bigint', required)
    .addColumn('hash_state', 'text', required)
    .addColumn('remainder_number', 'bigint')
    .execute()
}

async function incomingParts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('incoming_parts')
    .addColumn('upload_id', 'text', (column) =>
      column.notNull().references('incoming_blobs.upload_id').onDelete('cascade'),
    )
    .addColumn('number', 'bigint', required)
    .addColumn('etag', 'text', required)
    .addColumn('size_bytes', 'bigint', required)
    .addPrimaryKeyConstraint('incoming_parts_key', ['upload_id', 'number'])
    .execute()
}
