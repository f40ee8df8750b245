/** 0021: certificates that are used in two places at once, and how long after its end one may be renewed. */
import type { Kysely } from 'kysely'

export async function twoPlaces(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_duplicates')
    .addColumn('device_id', 'text', (column) => column.primaryKey().references('devices.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('first_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('last_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('times', 'integer', (column) => column.notNull())
    .addColumn('kept_source', 'text', (column) => column.notNull())
    .addColumn('other_source', 'text', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('device_duplicates_by_organisation')
    .on('device_duplicates')
    .columns(['organisation_id', 'last_at_ms'])
    .execute()
  await db.schema.alterTable('device_reports').addColumn('previous_boot_id', 'text').execute()
  await db.schema
    .alterTable('joining_rules')
    .addColumn('lapsed_days', 'integer', (column) => column.notNull().defaultTo(365))
    .execute()
}
