/** Histogram: latencies in logarithmic buckets. Bounded memory for any number of samples, and counts only ever grow. */

import { LATENCY_BUCKETS_PER_DOUBLING, type LatencyCounts } from '@skerry/contract/devices/item'

/** Sixteen buckets a doubling keep a percentile within 2.2 % of the truth. */
const BUCKETS_PER_DOUBLING = 16

/** From 1 µs to 2^32 µs (71 minutes), past any deadline. */
const DOUBLINGS = 32

export type Histogram = {
  record(us: number): void
  count(): number
  sumUs(): number
  /** The value that the given share (0 to 1) of the samples does not exceed; undefined without samples. */
  quantileUs(share: number): number | undefined
  /** How many samples lie at or below a power of two microseconds. */
  countUpTo(doublings: number): number
  /** The samples in the wider buckets of a report; undefined without samples. */
  counts(): LatencyCounts | undefined
}

export function createHistogram(): Histogram {
  const buckets = new Float64Array(BUCKETS_PER_DOUBLING * DOUBLINGS + 1)
  let count = 0
  let sumUs = 0
  return {
    record(us) {
      const at = Math.ceil(Math.log2(Math.max(us, 1)) * BUCKETS_PER_DOUBLING)
      const bucket = Math.min(at, buckets.length - 1)
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
      count++
      sumUs += us
    },
    count: () => count,
    sumUs: () => sumUs,
    quantileUs(share) {
      if (count === 0) return undefined
      let left = Math.max(1, Math.ceil(share * count))
      const bucket = buckets.findIndex((size) => {
        left -= size
        return left <= 0
      })
      // The middle of the bucket, on its own logarithmic scale.
      return bucket === 0 ? 1 : 2 ** ((bucket - 0.5) / BUCKETS_PER_DOUBLING)
    },
    countUpTo: (doublings) =>
      buckets.subarray(0, doublings * BUCKETS_PER_DOUBLING + 1).reduce((sum, size) => sum + size, 0),
    counts() {
      if (count === 0) return undefined
      const first = reportBucketOf(buckets.findIndex((size) => size > 0))
      const counts = new Array<number>(reportBucketOf(buckets.findLastIndex((size) => size > 0)) - first + 1).fill(0)
      buckets.forEach((size, bucket) => {
        if (size > 0) counts[reportBucketOf(bucket) - first] = (counts[reportBucketOf(bucket) - first] ?? 0) + size
      })
      return { first, counts }
    },
  }
}

/** Bucket 0 stays alone. The others have the same upper bounds as the bucket of the report. */
const reportBucketOf = (bucket: number) => Math.ceil((bucket * LATENCY_BUCKETS_PER_DOUBLING) / BUCKETS_PER_DOUBLING)
