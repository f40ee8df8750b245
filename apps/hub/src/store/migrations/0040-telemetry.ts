/** 0040: values that devices have sent, how far each lane of each queue has come, and how many came in each hour. */
import type { Kysely } from 'kysely'

/** The key finds one signal of one device by time, however many others there are; the index finds what is to be removed. */
export async function telemetry(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('telemetry')
    .addColumn('device_id', 'text', (column) => column.notNull().references('devices.id').onDelete('cascade'))
    .addColumn('signal', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('stream', 'text', (column) => column.notNull())
    .addColumn('lane', 'text', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('hour', 'bigint', (column) => column.notNull())
    .addColumn('number', 'double precision')
    .addColumn('text', 'text')
    .addColumn('quality', 'text', (column) => column.notNull())
    .addColumn('cause', 'text')
    .addPrimaryKeyConstraint('telemetry_key', ['device_id', 'signal', 'at_ms', 'stream', 'lane', 'sequence'])
    .execute()
  await db.schema.createIndex('telemetry_hour').on('telemetry').columns(['organisation_id', 'hour']).execute()
  await db.schema
    .createTable('telemetry_streams')
    .addColumn('device_id', 'text', (column) => column.notNull().references('devices.id').onDelete('cascade'))
    .addColumn('stream', 'text', (column) => column.notNull())
    .addColumn('lane', 'text', (column) => column.notNull())
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('last', 'bigint', (column) => column.notNull())
    .addColumn('lost', 'bigint', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('telemetry_streams_key', ['device_id', 'stream', 'lane'])
    .execute()
  await db.schema
    .createTable('telemetry_signals')
    .addColumn('device_id', 'text', (column) => column.notNull().references('devices.id').onDelete('cascade'))
    .addColumn('signal', 'text', (column) => column.notNull())
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('unit', 'text')
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addColumn('newest_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('newest_number', 'double precision')
    .addColumn('newest_text', 'text')
    .addColumn('newest_quality', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('telemetry_signals_key', ['device_id', 'signal'])
    .execute()
  await db.schema
    .createTable('telemetry_hours')
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('hour', 'bigint', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('telemetry_hours_key', ['organisation_id', 'hour'])
    .execute()
}
