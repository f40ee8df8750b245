/** Distances between two distributions, from counts in the same bins. */

/** The share of an empty bin: without it one empty bin makes the index infinite. */
const EMPTY = 1e-4

const sumOf = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0)

/** The share of each bin. Undefined without any value. */
export function sharesOf(counts: readonly number[]): number[] | undefined {
  const sum = sumOf(counts)
  return sum > 0 ? counts.map((count) => count / sum) : undefined
}

type Measure = (reference: readonly number[], current: readonly number[]) => number

const measured = (measure: Measure) => (reference: readonly number[], current: readonly number[]) => {
  const [p, q] = [sharesOf(reference), sharesOf(current)]
  return p && q ? measure(p, q) : undefined
}

/**
 * The population stability index: the sum of (q - p) ln(q / p). From 0 without a limit; .1 is usually called a slight
 * shift, .25 a large one. Undefined if either side has no value.
 */
export const stabilityIndex = measured((p, q) =>
  p.reduce((sum, share, at) => {
    const [a, b] = [Math.max(share, EMPTY), Math.max(q[at] ?? 0, EMPTY)]
    return sum + (b - a) * Math.log(b / a)
  }, 0),
)

/**
 * The Jensen-Shannon distance with the natural logarithm, as SciPy's `jensenshannon`: from 0 to √ln 2 = .833. Undefined if
 * either side has no value.
 */
export const jensenShannon = measured((p, q) => {
  const half = (from: readonly number[], to: readonly number[]) =>
    from.reduce(
      (sum, share, at) => (share > 0 ? sum + share * Math.log((2 * share) / (share + (to[at] ?? 0))) : sum),
      0,
    )
  return Math.sqrt(Math.max(0, (half(p, q) + half(q, p)) / 2))
})

/**
 * The Kolmogorov-Smirnov statistic at the edges: the largest difference of the two cumulative shares, from 0 to 1. The
 * true one lies at most the largest share of a bin above it. Undefined if either side has no value.
 */
export const kolmogorovSmirnov = measured((p, q) => {
  let away = 0
  let largest = 0
  for (const [at, share] of p.entries()) {
    away += share - (q[at] ?? 0)
    largest = Math.max(largest, Math.abs(away))
  }
  return largest
})
