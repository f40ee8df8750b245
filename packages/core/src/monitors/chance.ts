/** Chance: whether two distributions differ more than chance explains, and the correction for many questions at once. */

/** Below this expected count the statistic does not follow its distribution [Cochran 1954]. */
const EXPECTED_MIN = 5

export type ChanceTest = { statistic: number; degrees: number; pValue: number }

/**
 * The chi-square test of two samples over the same bins, as SciPy's `chi2_contingency` without a correction. Bins with
 * small expected counts are pooled with the next one. Undefined if fewer than two bins are left.
 */
export function chiSquareTest(reference: readonly number[], current: readonly number[]): ChanceTest | undefined {
  const [p, q] = pooled(reference, current)
  const [n, m] = [sumOf(p), sumOf(q)]
  if (n === 0 || m === 0 || p.length < 2) return undefined
  let statistic = 0
  for (const [at, count] of p.entries()) {
    const other = q[at] ?? 0
    const [expected, otherExpected] = [((count + other) * n) / (n + m), ((count + other) * m) / (n + m)]
    statistic += (count - expected) ** 2 / expected + (other - otherExpected) ** 2 / otherExpected
  }
  const degrees = p.length - 1
  return { statistic, degrees, pValue: upperGamma(degrees / 2, statistic / 2) }
}

const sumOf = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0)

/** Neighbours of a bin are the most alike, so that its values are pooled with theirs. */
function pooled(reference: readonly number[], current: readonly number[]): [number[], number[]] {
  const [n, m] = [sumOf(reference), sumOf(current)]
  const [p, q]: [number[], number[]] = [[], []]
  let [left, right] = [0, 0]
  const isFull = () => ((left + right) * Math.min(n, m)) / (n + m) >= EXPECTED_MIN
  for (const [at, count] of reference.entries()) {
    left += count
    right += current[at] ?? 0
    if (!isFull()) continue
    p.push(left)
    q.push(right)
    left = right = 0
  }
  if (p.length > 0) {
    p.push((p.pop() ?? 0) + left)
    q.push((q.pop() ?? 0) + right)
  }
  return [p, q]
}

/**
 * Corrects the probabilities for their number, so that at most the given share of all findings is false, as SciPy's
 * `false_discovery_control` [Benjamini, Hochberg 1995]. In the same order.
 */
export function falseDiscovery(pValues: readonly number[]): number[] {
  const falling = pValues.map((value, at) => ({ value, at })).toSorted((a, b) => b.value - a.value)
  const corrected = new Array<number>(pValues.length).fill(1)
  let least = 1
  for (const [place, { value, at }] of falling.entries()) {
    least = Math.min(least, (value * pValues.length) / (pValues.length - place))
    corrected[at] = least
  }
  return corrected
}

/**
 * How likely two unrelated series of this length correlate as much, in either direction: the z-transform of the
 * correlation is nearly normal [Fisher 1921], and its square has the chi-square distribution of one degree.
 */
export function correlationChance(correlation: number, points: number): number {
  if (points <= 3) return 1
  // The transform of a perfect correlation is infinite.
  if (Math.abs(correlation) >= 1) return 0
  return upperGamma(1 / 2, (Math.atanh(correlation) ** 2 * (points - 3)) / 2)
}

const STEPS_MAX = 1_000
const EXACT = 1e-15

/** The regularised upper incomplete gamma function Q(a, x) [Abramowitz, Stegun 6.5.29 and 6.5.31]. */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1
  const front = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x < a + 1) return Math.max(0, 1 - front * series(a, x))
  return Math.min(1, front * fraction(a, x))
}

function series(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; n < STEPS_MAX && term > sum * EXACT; n++) {
    term *= x / (a + n)
    sum += term
  }
  return sum
}

/** [Lentz 1976] */
function fraction(a: number, x: number): number {
  const tiny = 1e-300
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let value = d
  for (let n = 1; n < STEPS_MAX; n++) {
    const factor = -n * (n - a)
    b += 2
    d = 1 / nonZero(factor * d + b, tiny)
    c = nonZero(b + factor / c, tiny)
    value *= d * c
    if (Math.abs(d * c - 1) < EXACT) break
  }
  return value
}

const nonZero = (value: number, tiny: number) => (Math.abs(value) < tiny ? tiny : value)

/** Degrees of freedom are whole, so their halves come down to that of 1 or 1/2. */
function logGamma(half: number): number {
  let log = half % 1 === 0 ? 0 : Math.log(Math.PI) / 2
  for (let at = half - 1; at > 0; at--) log += Math.log(at)
  return log
}
