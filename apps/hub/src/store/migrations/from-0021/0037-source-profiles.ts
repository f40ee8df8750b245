/** 0037: the reference profiles of the tags of sources. */
import type { Kysely } from 'kysely'
import { ofOrganisation, required } from '../0001/columns.ts'

export async function sourceProfiles(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('source_profiles')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('source', 'text', required)
    .addColumn('version', 'integer', required)
    .addColumn('digest', 'text', required)
    .addColumn('profile', 'text', required)
    // The counts of each cohort in the bins of the profile.
    .addColumn('cohorts', 'text', required)
    .addColumn('made_at_ms', 'bigint', required)
    .addColumn('made_by', 'text', required)
    .addPrimaryKeyConstraint('source_profiles_key', ['organisation_id', 'source', 'version'])
    .execute()
}
