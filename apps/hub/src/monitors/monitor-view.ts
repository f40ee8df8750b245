/** Monitor view: monitors and their history as the API shows them. */
import {
  ACTS_SHOWN,
  EARLIER_SHOWN,
  type Monitor,
  POINTS_MAX,
  type StabilitySeries,
} from '@skerry/contract/monitors/monitor'
import { seriesOf } from '@skerry/core/monitors/series'
import type { Db } from '../store/store.ts'
import type { MonitorTable } from '../store/tables/monitor-tables.ts'
import { rolloutsIn } from './history/marked-rollouts.ts'
import { holdsOf } from './hold-store.ts'
import { judgeMonitor } from './judge-monitor.ts'
import { actsOf, countedIn, droppedOf, type ProfileRow, profileIn, specIn, sumsOf } from './monitor-store.ts'
import { isMuted, muteOf } from './mute.ts'
import { rankingOf } from './series-performance.ts'

/** The monitor, judged now. */
export async function monitorOf(db: Db, row: MonitorTable, nowMs: number): Promise<Monitor> {
  const { state, versions, earlier } = await judgeMonitor(db, row, nowMs)
  const key = { organisationId: row.organisation_id, model: row.model }
  const mute = muteOf(row, nowMs)
  return {
    spec: specIn(row.spec),
    revision: row.revision,
    state,
    ...(row.since_ms !== null && row.state === state && { sinceMs: row.since_ms }),
    versions,
    ...(earlier.length > 0 && { earlier: earlier.slice(0, EARLIER_SHOWN) }),
    acts: await actsOf(db, key, ACTS_SHOWN),
    ...(mute && { mute }),
    isMuted: isMuted(row, nowMs),
    holds: await holdsOf(db, key),
    dropped: await droppedOf(db, key, nowMs),
    changedAtMs: row.changed_at_ms,
    changedBy: row.changed_by,
  }
}

/** A line of a list shows no more. */
const LISTED_FEATURES = 3

/** The monitor in the form for lists: with the worst features, and without their bins. */
export async function listedMonitorOf(db: Db, row: MonitorTable, nowMs: number): Promise<Monitor> {
  const monitor = await monitorOf(db, row, nowMs)
  const versions = monitor.versions.map(({ features, cohorts: _cohorts, ...version }) => ({
    ...version,
    features: features.slice(0, LISTED_FEATURES).map(({ bins: _, ...feature }) => feature),
  }))
  return { ...monitor, versions }
}

type SeriesQuery = { row: MonitorTable; profile: ProfileRow; fromMs: number; toMs: number }

/** The windows of one version, in at most as many points as a chart has. */
export async function stabilitySeries(db: Db, { row, profile, fromMs, toMs }: SeriesQuery): Promise<StabilitySeries> {
  const { organisation_id: organisationId, model } = row
  const of = { version: profile.version, profile: profile.digest }
  const counted = await sumsOf(db, { organisationId, model, fromMs, toMs, of })
  const windowMs = specIn(row.spec).windowSeconds * 1_000
  const stepMs = pointLength(toMs - fromMs, windowMs)
  const reference = profileIn(profile)
  // Periods of the performance begin at multiples of their length.
  const points = seriesOf(reference, counted.map(countedIn), { fromMs: fromMs - (fromMs % stepMs), stepMs })
  const withPerformance = await rankingOf(db, { organisationId, model, profile: reference, points, stepMs })
  const rollouts = await rolloutsIn(db, { organisationId, model, fromMs, toMs })
  const features = reference.features.map(({ feature }) => feature)
  return { version: profile.version, features, points, rollouts, ...(withPerformance && { withPerformance }) }
}

/**
 * Windows of a point of the series. A chart keeps its newest points, so a range that is longer by less than a window
 * does not double the length: a day that ends some milliseconds later still has a point for each five minutes.
 */
const pointLength = (rangeMs: number, windowMs: number) =>
  Math.max(1, Math.ceil((rangeMs - windowMs) / POINTS_MAX / windowMs)) * windowMs
