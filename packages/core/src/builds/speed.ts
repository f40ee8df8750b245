/**
 * Speed: how many times as fast a build is as its version on one device, with a 95 % confidence interval.
 *
 * Two copies of one model differ by up to half in speed, for as long as their processes live: their memory lies
 * otherwise. So the device measures in sittings, each with new processes, and a sitting is one sample. Inside a sitting
 * the candidates take turns, so that noise of the machine meets them alike. A ratio is taken as its logarithm: then twice
 * as fast and half as fast are equally far from the same speed.
 *
 * [NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.2] mean ± t(0.975, n - 1) · s / √n
 */
import type { Ratio } from '@skerry/contract/builds/measurement'

/** The times of two turns of one round, in the same unit. */
export type Pair = { version: number; build: number }

/** The sample of a sitting: the mean of the logarithms of its ratios. Undefined without a pair. */
export function sampleOf(pairs: readonly Pair[]): number | undefined {
  const logs = pairs.filter(({ version, build }) => version > 0 && build > 0).map(logOf)
  return logs.length === 0 ? undefined : meanOf(logs)
}

const logOf = ({ version, build }: Pair) => Math.log(version / build)

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)

const meanOf = (values: readonly number[]) => sumOf(values) / values.length

/** Fewer give an interval that is wider than most gains. */
export const SITTINGS_MIN = 5

/** Undefined for fewer samples than that. */
export function speedOf(samples: readonly number[]): Ratio | undefined {
  const count = samples.length
  if (count < SITTINGS_MIN) return undefined
  const mean = meanOf(samples)
  const variance = sumOf(samples.map((log) => (log - mean) ** 2)) / (count - 1)
  const half = studentT975(count - 1) * Math.sqrt(variance / count)
  return { low: Math.exp(mean - half), middle: Math.exp(mean), high: Math.exp(mean + half) }
}

/** [Abramowitz, Stegun 26.2.22] The 0.975 quantile of the normal distribution. */
const NORMAL_975 = 1.959964

/**
 * [Abramowitz, Stegun 26.7.5] The 0.975 quantile of Student's t, as a series in the degrees of freedom. From 4 on it is
 * exact to 0.2 %.
 */
export function studentT975(degrees: number): number {
  const x = NORMAL_975
  const terms = [
    (x ** 3 + x) / 4,
    (5 * x ** 5 + 16 * x ** 3 + 3 * x) / 96,
    (3 * x ** 7 + 19 * x ** 5 + 17 * x ** 3 - 15 * x) / 384,
    (79 * x ** 9 + 776 * x ** 7 + 1482 * x ** 5 - 1920 * x ** 3 - 945 * x) / 92_160,
  ]
  return terms.reduce((sum, term, place) => sum + term / degrees ** (place + 1), x)
}

/** The version compared with itself. */
const SAME: Ratio = { low: 1, middle: 1, high: 1 }

/** Whether no two intervals overlap, that of the version included. An unknown speed is apart from none. */
export function areApart(speeds: readonly (Ratio | undefined)[]): boolean {
  const known = speeds.filter((speed) => speed !== undefined)
  if (known.length < speeds.length) return false
  const sorted = [SAME, ...known].toSorted((one, other) => one.middle - other.middle)
  return sorted.every((speed, place) => place === 0 || (sorted[place - 1]?.high ?? 0) < speed.low)
}

/** The value below which the share of the values lies, by nearest rank; the values are sorted. */
export function quantileOf(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

/** The middle of some times: a turn that was interrupted once does not count as slow. */
export const medianOf = (values: readonly number[]): number =>
  quantileOf(
    values.toSorted((one, other) => one - other),
    0.5,
  )
