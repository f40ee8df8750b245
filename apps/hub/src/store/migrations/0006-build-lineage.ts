/** 0006: the inputs behind the ranges of builds, and what made the builds. */
import type { Kysely } from 'kysely'

export async function buildLineage(db: Kysely<unknown>): Promise<void> {
  // The data set of a run, with its number of rows. Null if the ranges come from golden cases.
  await db.schema.alterTable('optimisations').addColumn('calibration_digest', 'text').execute()
  await db.schema.alterTable('optimisations').addColumn('calibration_rows', 'integer').execute()
  // JSON; null for builds of earlier hubs.
  await db.schema.alterTable('builds').addColumn('lineage', 'text').execute()
}
