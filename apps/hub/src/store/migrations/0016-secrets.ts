/** 0016: secrets, the keys that they are encrypted under, and what devices say that they hold of them. */
import type { Kysely } from 'kysely'

/** A site's or a device's secrets go with it. */
export async function secrets(db: Kysely<unknown>): Promise<void> {
  await encryption(db)
  await values(db)
  await db.schema
    .createTable('device_secrets')
    .addColumn('device_id', 'text', (column) => column.primaryKey().references('devices.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('revision', 'text')
    .addColumn('said_at_ms', 'bigint', (column) => column.notNull())
    .execute()
}

async function encryption(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('hub_encryption')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('data_keys')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('wrapped', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('data_keys_by_organisation_id')
    .on('data_keys')
    .columns(['organisation_id', 'created_at_ms'])
    .execute()
}

async function values(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('secrets')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('site_id', 'text', (column) => column.references('sites.id').onDelete('cascade'))
    .addColumn('device_id', 'text', (column) => column.references('devices.id').onDelete('cascade'))
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('size_bytes', 'integer', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_by', 'text', (column) => column.notNull())
    .addUniqueConstraint('secrets_by_owner', ['organisation_id', 'owner', 'name'])
    .execute()
  // Both are looked for when a site or a device goes.
  for (const column of ['site_id', 'device_id']) {
    await db.schema.createIndex(`secrets_by_${column}`).on('secrets').column(column).execute()
  }
  await db.schema
    .createTable('secret_versions')
    .addColumn('secret_id', 'text', (column) => column.notNull().references('secrets.id').onDelete('cascade'))
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('size_bytes', 'integer', (column) => column.notNull())
    .addColumn('set_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('set_by', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('secret_versions_key', ['secret_id', 'version'])
    .execute()
}
