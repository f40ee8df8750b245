/** Histogram: many durations in little memory. A value is accurate to 5 %, for any size. */

/** Each bucket ends 5 % above the one before. 400 of them reach from 0.05 ms to hours. */
const STEP = 1.05
const FIRST_MS = 0.05
const BUCKETS = 400

export type Histogram = {
  add(ms: number): void
  count(): number
  /** The value below which this share of all values is, in milliseconds. Undefined if there is none. */
  quantile(share: number): number | undefined
}

export function createHistogram(): Histogram {
  const counts = new Uint32Array(BUCKETS)
  let count = 0
  return {
    add(ms) {
      const bucket = ms <= FIRST_MS ? 0 : Math.ceil(Math.log(ms / FIRST_MS) / Math.log(STEP))
      const index = Math.min(BUCKETS - 1, bucket)
      counts[index] = (counts[index] ?? 0) + 1
      count += 1
    },
    count: () => count,
    quantile(share) {
      if (count === 0) return undefined
      const rank = Math.max(1, Math.ceil(count * share))
      let seen = 0
      const index = counts.findIndex((inBucket) => {
        seen += inBucket
        return seen >= rank
      })
      return round(FIRST_MS * STEP ** index)
    },
  }
}

const round = (ms: number) => Math.round(ms * 100) / 100
