/** 0008: the counts of cohorts, revisions and mutes of monitors, the flows that they hold, and windows not counted. */
import type { Kysely } from 'kysely'
import { ofOrganisation, required } from './0001/columns.ts'

export async function monitorJudgement(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('monitors')
    .addColumn('revision', 'integer', (column) => column.notNull().defaultTo(1))
    .execute()
  // JSON; null if nobody has muted it.
  await db.schema.alterTable('monitors').addColumn('mute', 'text').execute()
  await db.schema
    .alterTable('monitor_sums')
    .addColumn('lost', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
  await cohortSums(db)
  await db.schema
    .createTable('monitor_holds')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('model', 'text', required)
    .addColumn('flow', 'text', required)
    .addColumn('version', 'integer', required)
    .addColumn('since_ms', 'bigint', required)
    .addColumn('reason', 'text', required)
    .addPrimaryKeyConstraint('monitor_holds_key', ['organisation_id', 'model', 'flow'])
    .execute()
  await db.schema
    .createTable('monitor_dropped')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('model', 'text', required)
    .addColumn('day', 'integer', required)
    .addColumn('reason', 'text', required)
    .addColumn('windows', 'integer', required)
    .addColumn('rows', 'bigint', required)
    .addPrimaryKeyConstraint('monitor_dropped_key', ['organisation_id', 'model', 'day', 'reason'])
    .execute()
}

/** As `monitor_sums`, for the devices of one cohort. */
async function cohortSums(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('monitor_cohort_sums')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('model', 'text', required)
    .addColumn('version', 'integer', required)
    .addColumn('profile', 'text', required)
    .addColumn('cohort', 'text', required)
    .addColumn('start_ms', 'bigint', required)
    .addColumn('end_ms', 'bigint', required)
    .addColumn('windows', 'integer', required)
    .addColumn('rows', 'bigint', required)
    .addColumn('counted', 'bigint', required)
    .addColumn('features', 'text', required)
    .addPrimaryKeyConstraint('monitor_cohort_sums_key', [
      'organisation_id',
      'model',
      'start_ms',
      'version',
      'profile',
      'cohort',
    ])
    .execute()
  await db.schema.createIndex('monitor_cohort_sums_by_end').on('monitor_cohort_sums').columns(['end_ms']).execute()
}
