/** 0004: what happened to devices. */
import type { Kysely } from 'kysely'

/** Events belong to a device, and go with it. The key finds the newest of a device, which is all that is ever asked of so few. */
export async function deviceEvents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_events')
    .addColumn('device_id', 'text', (column) => column.notNull().references('devices.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('change', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('device_events_key', ['device_id', 'sequence'])
    .execute()
}
