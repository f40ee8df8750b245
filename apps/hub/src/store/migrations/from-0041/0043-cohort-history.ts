/** 0043: the sums of cohorts by their end and their length, so that the sweep finds the old ones that are short. */
import type { Kysely } from 'kysely'

export async function cohortHistory(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex('monitor_cohort_sums_by_end').execute()
  await db.schema
    .createIndex('monitor_cohort_sums_by_length')
    .on('monitor_cohort_sums')
    .columns(['end_ms', 'start_ms'])
    .execute()
}
