/** Monitor store: monitors, reference profiles, and windows as records. */
import type { MonitorAct } from '@skerry/contract/monitors/action'
import { type DroppedWindows, MonitorSpec, type Mute, type ProfileSummary } from '@skerry/contract/monitors/monitor'
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import { sourceIn } from '@skerry/contract/monitors/subject'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { CountedWindow } from '@skerry/core/monitors/verdict'
import { fromJson, type Json, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type {
  MonitorCohortSumTable,
  MonitorSumTable,
  MonitorTable,
  SourceProfileTable,
  VersionProfileTable,
} from '../store/tables/monitor-tables.ts'
import { sourceProfilesOf } from './sources/source-profile-store.ts'

/** More than the monitors of one organisation that devices send windows for at a time. */
const SPECS_MAX = 256

/** Rules by their text: each window of each device needs them, and few differ. */
const specsKnown = new Map<Json<MonitorSpec>, Readonly<MonitorSpec>>()

/** Rules of an earlier hub get the defaults of newer fields. */
export function specIn(spec: Json<MonitorSpec>): Readonly<MonitorSpec> {
  const known = specsKnown.get(spec)
  if (known) return known
  if (specsKnown.size >= SPECS_MAX) specsKnown.clear()
  const parsed = MonitorSpec.parse(fromJson(spec))
  specsKnown.set(spec, parsed)
  return parsed
}

type MonitorPage = { organisationId: OrganisationId; limit: number; after: string | undefined }

/** One page of monitors, by model. */
export const listMonitors = (db: Db, { organisationId, limit, after }: MonitorPage): Promise<MonitorTable[]> =>
  db
    .selectFrom('monitors')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(after !== undefined, (select) => select.where('model', '>', after ?? ''))
    .orderBy('model')
    .limit(limit)
    .execute()

/** Undefined if the model has none. */
export const findMonitor = (db: Db, organisationId: OrganisationId, model: string): Promise<MonitorTable | undefined> =>
  db
    .selectFrom('monitors')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .executeTakeFirst()

export type NewMonitor = { organisationId: OrganisationId; spec: MonitorSpec; nowMs: number; by: string }

/** Inserts or replaces the monitor of a model. */
export async function saveMonitor(tx: Tx, { organisationId, spec, nowMs, by }: NewMonitor): Promise<void> {
  const changed = { spec: toJson(spec), changed_at_ms: nowMs, changed_by: by }
  await tx
    .insertInto('monitors')
    .values({
      organisation_id: organisationId,
      model: spec.model,
      ...changed,
      revision: 1,
      mute: null,
      state: null,
      since_ms: null,
      verdicts: null,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['organisation_id', 'model'])
        .doUpdateSet(({ eb }) => ({ ...changed, revision: eb('monitors.revision', '+', 1) })),
    )
    .execute()
}

type MonitorKey = { organisationId: OrganisationId; model: string }

/** Mutes the monitor, or ends its mute. False if there is no monitor. */
export async function saveMute(
  tx: Tx,
  { organisationId, model }: MonitorKey,
  mute: Mute | undefined,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('monitors')
    .set({ mute: mute ? toJson(mute) : null })
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

const DAY_MS = 86_400_000

/** Windows of the last 30 days that were not counted, by reason. */
export async function droppedOf(
  db: Db,
  { organisationId, model }: MonitorKey,
  nowMs: number,
): Promise<DroppedWindows[]> {
  const rows = await db
    .selectFrom('monitor_dropped')
    .select(({ fn }) => ['reason', fn.sum<number>('windows').as('windows'), fn.sum<number>('rows').as('rows')])
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .where('day', '>', Math.floor(nowMs / DAY_MS) - 30)
    .groupBy('reason')
    .orderBy('reason')
    .execute()
  return rows.map(({ reason, windows, rows: count }) => ({ reason, windows: Number(windows), rows: Number(count) }))
}

/** False if there was none. */
export async function deleteMonitor(tx: Tx, organisationId: OrganisationId, model: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('monitors')
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Replaces the profile of the version. */
export async function saveProfile(tx: Tx, row: VersionProfileTable): Promise<void> {
  const { version_id, ...rest } = row
  await tx
    .insertInto('version_profiles')
    .values(row)
    .onConflict((conflict) => conflict.column('version_id').doUpdateSet(rest))
    .execute()
}

/** That of a source has the counts of its cohorts, and that of a version has the id of the version. */
export type ProfileRow = Omit<VersionProfileTable, 'version_id'> & {
  name: string
  version: number
  version_id?: VersionProfileTable['version_id']
  cohorts?: SourceProfileTable['cohorts']
}

/** The profiles of all versions of a model, or of a source; the newest first. */
export async function profilesOf(db: Db, organisationId: OrganisationId, model: string): Promise<ProfileRow[]> {
  const source = sourceIn(model)
  if (source === undefined) return versionProfilesOf(db, organisationId, model)
  return (await sourceProfilesOf(db, { organisationId, source })).map((row) => ({ ...row, name: model }))
}

const versionProfilesOf = (db: Db, organisationId: OrganisationId, model: string): Promise<ProfileRow[]> =>
  db
    .selectFrom('version_profiles')
    .innerJoin('versions', 'versions.id', 'version_profiles.version_id')
    .selectAll('version_profiles')
    .select(['versions.name', 'versions.version'])
    .where('version_profiles.organisation_id', '=', organisationId)
    .where('versions.name', '=', model)
    .orderBy('versions.version', 'desc')
    .execute()

/** The row as the API shows it. */
export function summaryOf({ name, version, digest, profile, made_at_ms, made_by }: ProfileRow): ProfileSummary {
  const { origin, rows, features, left, calibration, errors } = fromJson(profile)
  const made = { madeAtMs: made_at_ms, madeBy: made_by }
  return {
    model: name,
    version,
    digest,
    origin,
    rows,
    features: features.length,
    left,
    ...(calibration && { accuracy: calibration.accuracy }),
    ...(errors && { mae: errors.mae, errorSkill: errors.skill }),
    ...made,
  }
}

export const profileIn = ({ profile }: Pick<VersionProfileTable, 'profile'>): ReferenceProfile => fromJson(profile)

/** A year of one version with windows of a minute: 10,080 of the last week, 552 hours, and 335 days. */
export const SUMS_READ_MAX = 12_000

export type SumQuery = { organisationId: OrganisationId; model: string; fromMs: number; toMs: number }

/** The version and the profile in whose bins its devices counted. */
type CountedVersion = Pick<MonitorSumTable, 'version' | 'profile'>

/**
 * The counts of all versions of a model, or of one, in the windows that began in the time, by time. If there are more than the
 * limit, the newest ones.
 */
export async function sumsOf(
  db: Db,
  { organisationId, model, fromMs, toMs, of }: SumQuery & { of?: CountedVersion },
): Promise<MonitorSumTable[]> {
  const newestFirst = await db
    .selectFrom('monitor_sums')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .where('start_ms', '>=', fromMs)
    .where('start_ms', '<', toMs)
    .$if(of !== undefined, (select) =>
      select.where('version', '=', of?.version ?? 0).where('profile', '=', of?.profile as MonitorSumTable['profile']),
    )
    .orderBy('start_ms', 'desc')
    .limit(SUMS_READ_MAX)
    .execute()
  return newestFirst.toReversed()
}

/** Three windows of 400 cohorts: a verdict shows fewer, and reads no more. */
const COHORT_SUMS_READ_MAX = 2_000

/** The counts of all cohorts of a model, in the windows that began in the time; the newest first. */
export const cohortSumsOf = (
  db: Db,
  { organisationId, model, fromMs, toMs }: SumQuery,
): Promise<MonitorCohortSumTable[]> =>
  db
    .selectFrom('monitor_cohort_sums')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .where('start_ms', '>=', fromMs)
    .where('start_ms', '<', toMs)
    .orderBy('start_ms', 'desc')
    .orderBy('cohort')
    .limit(COHORT_SUMS_READ_MAX)
    .execute()

/** The row as the judge reads it. */
export const countedIn = ({
  start_ms,
  end_ms,
  windows,
  rows,
  counted,
  lost = 0,
  features,
}: Pick<MonitorSumTable, 'start_ms' | 'end_ms' | 'windows' | 'rows' | 'counted' | 'features'> & {
  lost?: number
}): CountedWindow => ({
  windows,
  startMs: start_ms,
  endMs: end_ms,
  rows: Number(rows),
  counted: Number(counted),
  lost: Number(lost),
  features: fromJson(features),
})

/** The newest acts of a monitor first. */
export async function actsOf(
  db: Db,
  { organisationId, model }: Pick<SumQuery, 'organisationId' | 'model'>,
  limit: number,
): Promise<MonitorAct[]> {
  const rows = await db
    .selectFrom('monitor_acts')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .orderBy('at_ms', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ at_ms, action, version, outcome, message }) => ({
    atMs: at_ms,
    action,
    version,
    outcome,
    message,
  }))
}
