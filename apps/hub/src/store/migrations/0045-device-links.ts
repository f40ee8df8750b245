/** 0045: the newest link of each device: which hub has or had it, since when, and how it ended. */
import type { Kysely } from 'kysely'

export async function deviceLinks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_links')
    .addColumn('device_id', 'text', (column) => column.primaryKey().references('devices.id').onDelete('cascade'))
    .addColumn('hub_id', 'text', (column) => column.notNull())
    .addColumn('connected_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('ended_at_ms', 'bigint')
    .addColumn('ended', 'text')
    .execute()
}
