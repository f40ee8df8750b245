/** Latency: the newest durations, and the limits below which most of them are. */

/** Enough for a 99th percentile that is not simply the worst. */
const KEPT = 512

export type Latency = { record(ms: number): void; quantileMs(share: number): number | undefined }

export function createLatency(): Latency {
  const kept = new Float64Array(KEPT)
  let count = 0
  return {
    record(ms) {
      kept[count % KEPT] = ms
      count += 1
    },
    quantileMs(share) {
      const sorted = kept.slice(0, Math.min(count, KEPT)).sort()
      return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
    },
  }
}
