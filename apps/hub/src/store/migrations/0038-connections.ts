/** 0038: sources and sinks of organisations, sites and devices, and what devices say of them. */
import type { Kysely } from 'kysely'

/** A site's or a device's go with it. */
export async function connections(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('connections')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('site_id', 'text', (column) => column.references('sites.id').onDelete('cascade'))
    .addColumn('device_id', 'text', (column) => column.references('devices.id').onDelete('cascade'))
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('protocol', 'text', (column) => column.notNull())
    .addColumn('tags', 'integer')
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('size_bytes', 'integer', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_by', 'text', (column) => column.notNull())
    // Last, so that a list does not read past what is large.
    .addColumn('spec', 'text', (column) => column.notNull())
    .addUniqueConstraint('connections_by_owner', ['organisation_id', 'owner', 'kind', 'name'])
    .execute()
  // Both are looked for when a site or a device goes.
  for (const column of ['site_id', 'device_id']) {
    await db.schema.createIndex(`connections_by_${column}`).on('connections').column(column).execute()
  }
  await db.schema
    .createTable('device_connections')
    .addColumn('device_id', 'text', (column) => column.primaryKey().references('devices.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('revision', 'text')
    .addColumn('running', 'text', (column) => column.notNull())
    .addColumn('said_at_ms', 'bigint', (column) => column.notNull())
    .execute()
}
