/** Source profile store: the reference profiles of sources as records. Each change of a profile is one more version. */
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { profileWith } from '@skerry/core/monitors/collected'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { fromJson, toJson } from '../../store/json-column.ts'
import type { Db, Tx } from '../../store/store.ts'
import type { CohortCounts, SourceProfileTable } from '../../store/tables/monitor-tables.ts'

type Place = { organisationId: OrganisationId; source: string }

/** The newest first. */
export const sourceProfilesOf = (db: Db, { organisationId, source }: Place): Promise<SourceProfileTable[]> =>
  db
    .selectFrom('source_profiles')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('source', '=', source)
    .orderBy('version', 'desc')
    .execute()

/** Undefined before the monitor is set for the first time. */
export const newestSourceProfile = (
  db: Db,
  { organisationId, source }: Place,
): Promise<SourceProfileTable | undefined> =>
  db
    .selectFrom('source_profiles')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('source', '=', source)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()

/** Windows of older versions have been judged. */
const VERSIONS_KEPT = 10

type NewProfile = Place & {
  profile: ReferenceProfile
  cohorts: readonly CohortCounts[]
  nowMs: number
  by: string
}

/** Stores it as the newest version. Throws if another person has stored that version meanwhile. */
export async function saveSourceProfile(
  tx: Tx,
  { organisationId, source, profile, cohorts, nowMs, by }: NewProfile,
): Promise<SourceProfileTable> {
  const row: SourceProfileTable = {
    organisation_id: organisationId,
    source,
    version: profile.version,
    digest: digestOf(canonicalJson(profile)),
    profile: toJson(profile),
    cohorts: toJson([...cohorts]),
    made_at_ms: nowMs,
    made_by: by,
  }
  await tx.insertInto('source_profiles').values(row).execute()
  await tx
    .deleteFrom('source_profiles')
    .where('organisation_id', '=', organisationId)
    .where('source', '=', source)
    .where('version', '<=', profile.version - VERSIONS_KEPT)
    .execute()
  return row
}

/** The profiles of the cohorts of a source, by cohort. */
export const sourceCohortsOf = (
  { cohorts }: Pick<SourceProfileTable, 'cohorts'>,
  reference: ReferenceProfile,
): Map<string, ReferenceProfile> =>
  new Map(fromJson(cohorts).map(({ cohort, ...counts }) => [cohort, profileWith(reference, counts)]))
