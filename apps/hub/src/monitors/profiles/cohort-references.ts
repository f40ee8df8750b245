/** Cohort references: the counts of each cohort in the time of the reference, so that a site is compared with itself. */
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { mergeFeatures } from '@skerry/core/monitors/bins'
import { profileWith, REFERENCE_ROWS_MIN } from '@skerry/core/monitors/collected'
import { fromJson, toJson } from '../../store/json-column.ts'
import type { Db, Tx } from '../../store/store.ts'
import type { CohortCounts, CohortProfileTable, MonitorCohortSumTable } from '../../store/tables/monitor-tables.ts'
import type { ProfileRow } from '../monitor-store.ts'
import { sourceCohortsOf } from '../sources/source-profile-store.ts'

/** Some megabytes of counts at a time. */
const SUMS_AT_ONCE = 1_000

/** As many as a verdict shows. */
const COHORTS_MAX = 200

type CountedProfile = Pick<ProfileRow, 'version' | 'digest'>

type Place = { organisationId: OrganisationId; model: string; profile: CountedProfile; fromMs: number; toMs: number }

/** The counts of cohorts in that time. A cohort with fewer rows than a profile needs has no reference. */
export async function collectCohorts(db: Db, place: Place): Promise<CohortCounts[]> {
  const found = new Map<string, CohortCounts>()
  for (let last: MonitorCohortSumTable | undefined; ; ) {
    const sums = await sumsAfter(db, place, last)
    for (const { cohort, counted, features } of sums) {
      const known = found.get(cohort)
      const merged = known ? mergeFeatures(known.features, fromJson(features)) : fromJson(features)
      found.set(cohort, { cohort, rows: (known?.rows ?? 0) + Number(counted), features: merged })
    }
    last = sums.at(-1)
    if (sums.length < SUMS_AT_ONCE) break
  }
  return [...found.values()]
    .filter(({ rows }) => rows >= REFERENCE_ROWS_MIN)
    .toSorted((a, b) => b.rows - a.rows)
    .slice(0, COHORTS_MAX)
}

const sumsAfter = (db: Db, { organisationId, model, profile, fromMs, toMs }: Place, last?: MonitorCohortSumTable) =>
  db
    .selectFrom('monitor_cohort_sums')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .where('version', '=', profile.version)
    .where('profile', '=', profile.digest)
    .where('start_ms', '>=', last?.start_ms ?? fromMs)
    .where('start_ms', '<', toMs)
    .$if(last !== undefined, (select) =>
      select.where((eb) => eb.or([eb('start_ms', '>', last?.start_ms ?? 0), eb('cohort', '>', last?.cohort ?? '')])),
    )
    .orderBy('start_ms')
    .orderBy('cohort')
    .limit(SUMS_AT_ONCE)
    .execute()

type Kept = Pick<CohortProfileTable, 'version_id' | 'organisation_id' | 'profile'> & {
  cohorts: readonly CohortCounts[]
}

/** Replaces those of the version. */
export async function saveCohortProfiles(tx: Tx, { cohorts, ...key }: Kept): Promise<void> {
  await tx.deleteFrom('cohort_profiles').where('version_id', '=', key.version_id).execute()
  for (const { cohort, rows, features } of cohorts) {
    await tx
      .insertInto('cohort_profiles')
      .values({ ...key, cohort, rows, features: toJson(features) })
      .execute()
  }
}

/** The profiles of the cohorts of a version or source, by cohort, in the bins of its profile. */
export async function cohortProfilesOf(
  db: Db,
  { version_id, digest, cohorts }: Pick<ProfileRow, 'version_id' | 'digest' | 'cohorts'>,
  reference: ReferenceProfile,
): Promise<Map<string, ReferenceProfile>> {
  if (cohorts !== undefined) return sourceCohortsOf({ cohorts }, reference)
  if (version_id === undefined) return new Map()
  const rows = await db
    .selectFrom('cohort_profiles')
    .selectAll()
    .where('version_id', '=', version_id)
    .where('profile', '=', digest)
    .execute()
  return new Map(
    rows.map((row) => [
      row.cohort,
      profileWith(reference, { rows: Number(row.rows), features: fromJson(row.features) }),
    ]),
  )
}
