/** 0051: since when an urgent signal of a device is not 0. Alerts are derived from it. */
import { type Kysely, sql } from 'kysely'

export async function raisedSignals(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('telemetry_signals').addColumn('raised_at_ms', 'bigint').execute()
  // Alerts begin here, so that their cost depends on the number of raised signals and not on the fleet.
  await sql`create index telemetry_signals_raised on telemetry_signals (organisation_id) where raised_at_ms is not null`.execute(
    db,
  )
}
