/** 0021: optimisations whose ranges devices computed from their own rows. */
import type { Kysely } from 'kysely'

export async function deviceRanges(db: Kysely<unknown>): Promise<void> {
  // Null for the data sets of earlier hubs, and for optimisations without one.
  await db.schema.alterTable('optimisations').addColumn('calibration_origin', 'text').execute()
}
