/** 0026: the measured round trip from the hub to each device. */
import type { Kysely } from 'kysely'
import { ofDevice, required } from '../0001/columns.ts'

export async function roundTripTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_round_trips')
    .addColumn('device_id', 'text', (column) => ofDevice(column).primaryKey())
    .addColumn('round_trip_ms', 'double precision', required)
    .addColumn('measured_at_ms', 'bigint', required)
    .execute()
}
