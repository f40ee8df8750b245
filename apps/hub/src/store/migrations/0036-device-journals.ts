/** 0036: how far the hub has what each device wrote down about itself. */
import type { Kysely } from 'kysely'

export async function deviceJournals(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_journals')
    .addColumn('device_id', 'text', (column) => column.primaryKey().references('devices.id').onDelete('cascade'))
    .addColumn('journal', 'text', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('hour_began_ms', 'bigint', (column) => column.notNull())
    .addColumn('hour_count', 'bigint', (column) => column.notNull())
    .execute()
}
