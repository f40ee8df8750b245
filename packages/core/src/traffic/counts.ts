/** Traffic counts: requests, errors and latencies that add up over devices, versions and time. */
import { LATENCY_BUCKETS, LATENCY_BUCKETS_PER_DOUBLING, type LatencyCounts } from '@skerry/contract/devices/item'

/** `latency`: answered requests by bucket, from bucket 0 on. Missing buckets at the end are empty. */
export type TrafficCounts = { requests: number; failures: number; dropped: number; latency: readonly number[] }

export const NO_TRAFFIC: TrafficCounts = { requests: 0, failures: 0, dropped: 0, latency: [] }

/** The counts of a report, from bucket 0 on. Buckets beyond the last one are left out. */
export const bucketsOf = (latency: LatencyCounts | undefined): number[] =>
  latency ? [...new Array<number>(latency.first).fill(0), ...latency.counts].slice(0, LATENCY_BUCKETS) : []

/** The shortest form; undefined without a request. */
export function shortLatency(buckets: readonly number[]): LatencyCounts | undefined {
  const first = buckets.findIndex((count) => count > 0)
  if (first === -1) return undefined
  return { first, counts: buckets.slice(first, buckets.findLastIndex((count) => count > 0) + 1) }
}

export const addTraffic = (a: TrafficCounts, b: TrafficCounts): TrafficCounts => ({
  requests: a.requests + b.requests,
  failures: a.failures + b.failures,
  dropped: a.dropped + b.dropped,
  latency: joined(a.latency, b.latency, (one, other) => one + other),
})

const joined = (a: readonly number[], b: readonly number[], join: (a: number, b: number) => number): number[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, at) => join(a[at] ?? 0, b[at] ?? 0))

/** The growth of each bucket; all of `now` if a bucket has fallen, because its counter began anew. */
export function latencyGrowth(before: readonly number[], now: readonly number[]): readonly number[] {
  const grown = joined(now, before, (one, other) => one - other)
  return grown.some((count) => count < 0) ? now : grown
}

/**
 * The part of the counts between two shares of a whole. The parts of a whole are whole numbers that add up to it, and
 * no part has more failures than requests.
 */
export function portionOf(counts: TrafficCounts, fromShare: number, toShare: number): TrafficCounts {
  const part = (count: number) => Math.round(count * toShare) - Math.round(count * fromShare)
  const failures = part(counts.failures)
  return {
    requests: part(counts.requests - counts.failures) + failures,
    failures,
    dropped: part(counts.dropped),
    latency: counts.latency.map(part),
  }
}

/** The latency that the share of the requests does not exceed, in microseconds; undefined without requests. */
export function latencyAt(latency: readonly number[], share: number): number | undefined {
  const total = latency.reduce((sum, count) => sum + count, 0)
  if (total === 0) return undefined
  let left = Math.max(1, Math.ceil(share * total))
  const bucket = latency.findIndex((count) => {
    left -= count
    return left <= 0
  })
  // The middle of the bucket, on its own logarithmic scale.
  return bucket === 0 ? 1 : Math.round(2 ** ((bucket - 0.5) / LATENCY_BUCKETS_PER_DOUBLING))
}

/** Its p50 and p95, in the form of the API. */
export function quantilesOf(latency: readonly number[]): { p50Us?: number; p95Us?: number } {
  const [p50Us, p95Us] = [latencyAt(latency, 0.5), latencyAt(latency, 0.95)]
  return p50Us === undefined || p95Us === undefined ? {} : { p50Us, p95Us }
}
