/** Points: the traffic of a model as a chart draws it. */
import type { SlowestDevice, TrafficPoint, TrafficSpan, VersionTraffic } from '@skerry/contract/traffic/traffic'
import { TRAFFIC_VERSIONS_MAX } from '@skerry/contract/traffic/traffic'
import { addTraffic, NO_TRAFFIC, portionOf, quantilesOf, type TrafficCounts } from './counts.ts'
import { DAY_MS, HOUR_MS, type TrafficPart } from './parts.ts'

/** A part of one version, of one device or of all. `slowest`: the slowest device of all. */
export type TrafficRow = TrafficPart & { version: number; slowest?: SlowestDevice }

export type TrafficAxis = { fromMs: number; toMs: number; stepMs: number }

/** A device reports each minute, and its requests are added up every five minutes. A minute more is for slow sweeps. */
const OPEN_MS = 7 * 60_000

/** The begin of the newest part that all devices have reported. */
export const newestClosedMs = (nowMs: number, stepMs: number): number =>
  (Math.floor((nowMs - OPEN_MS) / stepMs) - 1) * stepMs

/** The whole points of the span, the last of which contains now. Days are those of UTC. */
export function axisOf(over: TrafficSpan, shortestMs: number, nowMs: number): TrafficAxis {
  const [stepMs, points] = STEPS[over](shortestMs)
  const toMs = (Math.floor(nowMs / stepMs) + 1) * stepMs
  return { fromMs: toMs - points * stepMs, toMs, stepMs }
}

const STEPS: Readonly<Record<TrafficSpan, (shortestMs: number) => [stepMs: number, points: number]>> = {
  day: (shortestMs) => [shortestMs, DAY_MS / shortestMs],
  week: () => [HOUR_MS, 168],
  year: () => [DAY_MS, 365],
}

type Summed = { counts: TrafficCounts; slowest?: SlowestDevice }

/** Times without a report have no point. */
export function trafficPoints(rows: readonly TrafficRow[], axis: TrafficAxis, nowMs: number): TrafficPoint[] {
  const points = new Map<number, Summed>()
  for (const row of rows) {
    for (const { startMs, counts } of pointsOfRow(row, axis)) {
      const { counts: before, slowest } = points.get(startMs) ?? { counts: NO_TRAFFIC }
      const worst = slower(slowest, row.slowest)
      points.set(startMs, { counts: addTraffic(before, counts), ...(worst && { slowest: worst }) })
    }
  }
  return [...points]
    .toSorted(([a], [b]) => a - b)
    .map(([startMs, { counts, slowest }]) => ({
      startMs,
      endMs: startMs + axis.stepMs,
      ...figuresOf(counts),
      ...(startMs + axis.stepMs > nowMs - OPEN_MS && { isOpen: true as const }),
      ...(slowest && { slowest }),
    }))
}

/** All requests of the time, by version. */
export function versionTraffic(rows: readonly TrafficRow[], axis: TrafficAxis): VersionTraffic[] {
  const versions = new Map<number, TrafficCounts>()
  for (const row of rows) {
    const counts = pointsOfRow(row, axis).reduce((sum, point) => addTraffic(sum, point.counts), NO_TRAFFIC)
    versions.set(row.version, addTraffic(versions.get(row.version) ?? NO_TRAFFIC, counts))
  }
  return [...versions]
    .toSorted(([a], [b]) => b - a)
    .slice(0, TRAFFIC_VERSIONS_MAX)
    .map(([version, counts]) => ({ version, ...figuresOf(counts) }))
}

/** The slower one of two devices. */
export const slower = (a: SlowestDevice | undefined, b: SlowestDevice | undefined): SlowestDevice | undefined =>
  a && b ? (b.p95Us > a.p95Us ? b : a) : (a ?? b)

/** A part is in one point, unless it is longer than a point: then it is spread evenly over its points. */
function pointsOfRow({ startMs, stepMs, counts }: TrafficRow, axis: TrafficAxis): Omit<TrafficPart, 'stepMs'>[] {
  const found: Omit<TrafficPart, 'stepMs'>[] = []
  const length = Math.min(stepMs, axis.stepMs)
  for (let atMs = startMs; atMs < startMs + stepMs; atMs += length) {
    if (atMs < axis.fromMs || atMs >= axis.toMs) continue
    const share = (ms: number) => (ms - startMs) / stepMs
    found.push({ startMs: atMs - (atMs % axis.stepMs), counts: portionOf(counts, share(atMs), share(atMs + length)) })
  }
  return found
}

const figuresOf = ({ requests, failures, dropped, latency }: TrafficCounts) => ({
  requests,
  failures,
  dropped,
  ...quantilesOf(latency),
})

/** Requests a second. The newest point has lasted for a part of its length only. */
export const requestRate = ({ startMs, endMs, requests }: TrafficPoint, nowMs: number): number =>
  requests / (Math.max(1_000, Math.min(endMs, nowMs) - startMs) / 1_000)
