/** Monitor view: monitors and their history as the API shows them. */
import { ACTS_SHOWN, type Monitor, POINTS_MAX, type StabilitySeries } from '@skerry/contract/monitors/monitor'
import { seriesOf } from '@skerry/core/monitors/series'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { MonitorTable } from '../store/tables/monitor-tables.ts'
import { judgeMonitor } from './judge-monitor.ts'
import { actsOf, countedIn, type ProfileRow, profileIn, sumsOf } from './monitor-store.ts'

/** The monitor, judged now. */
export async function monitorOf(db: Db, row: MonitorTable, nowMs: number): Promise<Monitor> {
  const { state, versions } = await judgeMonitor(db, row, nowMs)
  return {
    spec: fromJson(row.spec),
    state,
    ...(row.since_ms !== null && row.state === state && { sinceMs: row.since_ms }),
    versions,
    acts: await actsOf(db, { organisationId: row.organisation_id, model: row.model }, ACTS_SHOWN),
    changedAtMs: row.changed_at_ms,
    changedBy: row.changed_by,
  }
}

/** A line of a list shows no more. */
const LISTED_FEATURES = 3

/** The monitor in the form for lists: with the worst features, and without their bins. */
export async function listedMonitorOf(db: Db, row: MonitorTable, nowMs: number): Promise<Monitor> {
  const monitor = await monitorOf(db, row, nowMs)
  const versions = monitor.versions.map(({ features, ...version }) => ({
    ...version,
    features: features.slice(0, LISTED_FEATURES).map(({ bins: _, ...feature }) => feature),
  }))
  return { ...monitor, versions }
}

type SeriesQuery = { row: MonitorTable; profile: ProfileRow; fromMs: number; toMs: number }

/** The windows of one version, in at most as many points as a chart has. */
export async function stabilitySeries(db: Db, { row, profile, fromMs, toMs }: SeriesQuery): Promise<StabilitySeries> {
  const { organisation_id: organisationId, model } = row
  const sums = await sumsOf(db, { organisationId, model, fromMs, toMs })
  const counted = sums.filter(
    ({ version, profile: digest }) => version === profile.version && digest === profile.digest,
  )
  const windowMs = fromJson(row.spec).windowSeconds * 1_000
  const stepMs = Math.ceil((toMs - fromMs) / POINTS_MAX / windowMs) * windowMs
  const points = seriesOf(profileIn(profile), counted.map(countedIn), { fromMs, stepMs })
  return { version: profile.version, features: profileIn(profile).features.map(({ feature }) => feature), points }
}
