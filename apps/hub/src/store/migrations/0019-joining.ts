/** 0019: where join tokens count, how each device asked to be let in, and whether a person always decides. */
import type { Kysely } from 'kysely'

export async function joining(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('join_tokens')
    .addColumn('networks', 'text', (column) => column.notNull().defaultTo('[]'))
    .execute()
  await db.schema
    .createTable('device_origins')
    .addColumn('device_id', 'text', (column) => column.primaryKey().references('devices.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('serial', 'text')
    .addColumn('hostname', 'text', (column) => column.notNull())
    .addColumn('machine', 'text', (column) => column.notNull())
    .addColumn('asked_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('device_origins_by_serial')
    .on('device_origins')
    .columns(['organisation_id', 'serial'])
    .execute()
  await db.schema
    .createTable('joining_rules')
    .addColumn('organisation_id', 'text', (column) => column.primaryKey().references('organisations.id'))
    .addColumn('approval', 'text', (column) => column.notNull())
    .execute()
}
