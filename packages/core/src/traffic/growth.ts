/** Growth: the requests of a device between two of its reports, from counters that can begin anew. */
import { latencyGrowth, NO_TRAFFIC, type TrafficCounts } from './counts.ts'

/** The counters of one model on one device, as its report states them. */
export type ReportedCounters = {
  version: number
  /** A new id at each start of the agent, whose counters begin anew then. */
  bootId: string
  /** Ends of the runner, at which latencies begin anew. */
  restarts: number
  /** The arrival of the report. */
  atMs: number
  counts: TrafficCounts
}

/** `replaced`: the version before, with its last counts. They have no latency. `sinceMs`: by the device's clock. */
export type NewCounters = ReportedCounters & {
  sinceMs: number
  replaced?: { version: number; counts: Omit<TrafficCounts, 'latency'> }
}

/** Requests to one version that a device answered between two times. */
export type Growth = { version: number; fromMs: number; toMs: number; counts: TrafficCounts }

/** Two sweeps and a report: a version that the hub has not seen before may have served this long. */
const FIRST_MS = 600_000

/**
 * The requests since the report before. Without one, the counts of a version that has just begun are taken whole, and
 * older counts are left out: nobody knows when they were made.
 */
export function growthOf(before: ReportedCounters | undefined, now: NewCounters): Growth[] {
  const { version, atMs: toMs, counts, sinceMs } = now
  if (!before) {
    const isNew = sinceMs < toMs && sinceMs >= toMs - FIRST_MS
    return isNew ? [{ version, fromMs: sinceMs, toMs, counts }] : []
  }
  const fromMs = before.atMs
  if (fromMs >= toMs) return []
  if (before.version !== version) return [...replacedGrowth(before, now), { version, fromMs, toMs, counts }]
  const { requests, failures, dropped } = counts
  const isAnew = before.bootId !== now.bootId || hasFallen(before.counts, counts)
  if (isAnew) return [{ version, fromMs, toMs, counts }]
  const grown = {
    requests: requests - before.counts.requests,
    failures: failures - before.counts.failures,
    dropped: dropped - before.counts.dropped,
    latency: before.restarts === now.restarts ? latencyGrowth(before.counts.latency, counts.latency) : counts.latency,
  }
  return [{ version, fromMs, toMs, counts: grown }]
}

type Counted = Omit<TrafficCounts, 'latency'>

/** Answered requests can fall too, if only failures grow beyond them. */
const hasFallen = (before: Counted, now: Counted) =>
  now.requests < before.requests ||
  now.failures < before.failures ||
  now.dropped < before.dropped ||
  now.requests - now.failures < before.requests - before.failures

/** The last requests to the version before. Another version may have served between two reports. */
function replacedGrowth(before: ReportedCounters, { replaced, bootId, atMs }: NewCounters): Growth[] {
  if (replaced?.version !== before.version || bootId !== before.bootId) return []
  if (hasFallen(before.counts, replaced.counts)) return []
  const { requests, failures, dropped } = replaced.counts
  const counts = {
    ...NO_TRAFFIC,
    requests: requests - before.counts.requests,
    failures: failures - before.counts.failures,
    dropped: dropped - before.counts.dropped,
  }
  return [{ version: before.version, fromMs: before.atMs, toMs: atMs, counts }]
}
