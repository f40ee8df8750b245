/** 0022: the counts of a cohort in the time of the reference, so that a site is compared with itself. */
import type { Kysely } from 'kysely'
import { ofOrganisation, required } from '../0001/columns.ts'

export async function cohortProfiles(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('cohort_profiles')
    .addColumn('version_id', 'text', (column) => column.notNull().references('versions.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('cohort', 'text', required)
    .addColumn('profile', 'text', required)
    .addColumn('rows', 'bigint', required)
    .addColumn('features', 'text', required)
    .addPrimaryKeyConstraint('cohort_profiles_key', ['version_id', 'cohort'])
    .execute()
}
