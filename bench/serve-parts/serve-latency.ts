/** Latencies of one measurement, summed up. */

export type Summary = { perSec: number; p50Ms: number; p99Ms: number }

/** Rate and percentiles of the requests that were answered within `elapsedMs`. */
export function summary(latencies: readonly number[], elapsedMs: number): Summary {
  const sorted = latencies.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  return { perSec: (latencies.length / elapsedMs) * 1_000, p50Ms: at(0.5), p99Ms: at(0.99) }
}

/** The middle of an odd number of values. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
