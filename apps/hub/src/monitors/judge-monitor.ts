/** Judges a monitor: the counts of each version against the reference profile of the version. */
import type { MonitorState, VersionVerdict } from '@skerry/contract/monitors/monitor'
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import { sourceIn } from '@skerry/contract/monitors/subject'
import { verdictWithCohorts } from '@skerry/core/monitors/cohorts'
import { judgeErrors } from '@skerry/core/monitors/error-model'
import { judgeEstimate, scoresOf } from '@skerry/core/monitors/estimate'
import { featureChanges } from '@skerry/core/monitors/feature-changes'
import { worstState } from '@skerry/core/monitors/verdict'
import { scoreSumsOf } from '../captures/score-store.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { MonitorCohortSumTable, MonitorTable } from '../store/tables/monitor-tables.ts'
import { cohortSumsOf, countedIn, type ProfileRow, profileIn, profilesOf, specIn, sumsOf } from './monitor-store.ts'
import { cohortProfilesOf } from './profiles/cohort-references.ts'

/** `earlier`: versions with a reference that devices do not serve. */
export type Judgement = { state: MonitorState; versions: VersionVerdict[]; earlier: number[] }

/** The versions that devices serve, or have served in the compared windows; the newest first. */
export async function judgeMonitor(db: Db, row: MonitorTable, nowMs: number): Promise<Judgement> {
  const { organisation_id: organisationId, model } = row
  const spec = specIn(row.spec)
  const windowMs = spec.windowSeconds * 1_000
  const fromMs = Math.floor(nowMs / windowMs) * windowMs - spec.windows * windowMs
  const query = { organisationId, model, fromMs, toMs: nowMs }
  const sums = await sumsOf(db, query)
  const parts = await cohortSumsOf(db, query)
  const scores = await scoreSumsOf(db, query)
  const profiles = await profilesOf(db, organisationId, model)
  const seen = new Set([...sums.map(({ version }) => version), ...(await servedVersions(db, row, profiles))])
  const versions: VersionVerdict[] = []
  for (const version of [...seen].toSorted((a, b) => b - a)) {
    const profile = profiles.find((one) => one.version === version)
    if (!profile) {
      versions.push({ version, state: 'unprofiled', windows: 0, rows: 0, uncounted: 0, features: [] })
      continue
    }
    const before = profiles.find((one) => one.version < version)
    const isOfProfile = (sum: MonitorTableKey) => sum.version === version && sum.profile === profile.digest
    const reference = profileIn(profile)
    const verdict = verdictWithCohorts(
      reference,
      {
        fleet: sums.filter(isOfProfile).map(countedIn),
        cohorts: windowsByCohort(parts.filter(isOfProfile)),
        ...(spec.reference === 'cohort' && { references: await cohortProfilesOf(db, profile, reference) }),
      },
      spec,
    )
    const confidences = scoresOf(scores.filter(isOfProfile).map((sum) => fromJson(sum.scores)))
    const estimated = judgeEstimate(reference.calibration, confidences, spec)
    const estimatedError = judgeErrors(reference, sums.filter(isOfProfile).map(countedIn), spec)
    const estimates = [estimated, estimatedError].flatMap((one) => one?.state ?? [])
    const state = worstState([stateOf(reference, verdict.state), ...estimates])
    const performance = { ...(estimated && { estimated }), ...(estimatedError && { estimatedError }) }
    const changes = featureChanges(reference, before && profileIn(before))
    versions.push({ version, ...verdict, state, ...performance, ...(changes && { changes }) })
  }
  const earlier = profiles.map(({ version }) => version).filter((version) => !seen.has(version))
  return { state: worstState(versions.map((version) => version.state)), versions, earlier }
}

/** A source without a reference is judged by its missing values only. */
const stateOf = ({ origin }: ReferenceProfile, state: MonitorState): MonitorState =>
  origin === 'start' && state === 'ok' ? 'unprofiled' : state

type MonitorTableKey = Pick<MonitorCohortSumTable, 'version' | 'profile'>

const windowsByCohort = (sums: readonly MonitorCohortSumTable[]) =>
  new Map(
    [...Map.groupBy(sums, ({ cohort }) => cohort)].map(([cohort, rows]) => [cohort, rows.map((row) => countedIn(row))]),
  )

/** Devices count the newest profile of a source. */
async function servedVersions(
  db: Db,
  { organisation_id, model }: MonitorTable,
  profiles: readonly ProfileRow[],
): Promise<number[]> {
  if (sourceIn(model) !== undefined) return profiles.slice(0, 1).map(({ version }) => version)
  const rows = await db
    .selectFrom('device_items')
    .select('serving_version')
    .distinct()
    .where('organisation_id', '=', organisation_id)
    .where('name', '=', model)
    .where('serving_version', 'is not', null)
    .execute()
  return rows.flatMap(({ serving_version }) => serving_version ?? [])
}
