/**
 * Entropy calibration: the range whose eight bits keep most of the distribution of the values. [S. Migacz, 8-bit inference
 * with TensorRT, GTC 2017] For each range around 0, the distribution with the values outside of it at its ends is compared
 * with the same in 128 steps; the range of the least relative entropy wins. Rounding and smoothing are those of
 * onnxruntime's own calibration (`HistogramCollector.get_entropy_threshold`).
 */
import { minMaxRange, type Observation, type Range } from './observation.ts'

/** Steps of the coarse distribution, as onnxruntime's calibration has by default. */
const STEPS = 128

/** The share that each empty bin gets, because the logarithm of 0 is none. */
const SMOOTHING = 1e-4

/** Values for each bin. The distribution of fewer values is mostly gaps, which pull the range far together. */
const VALUES_PER_BIN_MIN = 4

/**
 * The range of an observation. It never reaches beyond the least and the largest value, and is all of it if there are too few
 * values for a distribution.
 */
export function entropyRange(observation: Observation): Range {
  const whole = minMaxRange(observation)
  const { reach, bins } = observation
  const sums = sumsOf(bins)
  if (reach === 0 || (sums.values.at(-1) ?? 0) < bins.length * VALUES_PER_BIN_MIN) return whole
  const middle = bins.length / 2
  const [p, q] = [new Float32Array(bins.length), new Float32Array(bins.length)]
  let best = { divergence: Number.POSITIVE_INFINITY, half: STEPS / 2 }
  for (let half = STEPS / 2; half <= middle; half++) {
    const end = Math.min(middle + half + 1, bins.length)
    const divergence = divergenceOf(bins, sums, { start: middle - half, end, p, q })
    if (divergence < best.divergence) best = { divergence, half }
  }
  const width = (2 * reach) / bins.length
  const [low, high] = [middle - best.half, Math.min(middle + best.half + 1, bins.length)]
  return { min: Math.max(whole.min, low * width - reach), max: Math.min(whole.max, high * width - reach) }
}

/** Of the bins before each index: their sum, and how many of them are not empty. */
type Sums = { values: Float64Array; filled: Float64Array }

function sumsOf(bins: Float64Array): Sums {
  const values = new Float64Array(bins.length + 1)
  const filled = new Float64Array(bins.length + 1)
  for (let index = 0; index < bins.length; index++) {
    const value = bins[index] ?? 0
    values[index + 1] = (values[index] ?? 0) + value
    filled[index + 1] = (filled[index] ?? 0) + (value === 0 ? 0 : 1)
  }
  return { values, filled }
}

const between = (sums: Float64Array, start: number, end: number) => (sums[end] ?? 0) - (sums[start] ?? 0)

/** The relative entropy of the bins from `start` to before `end`, in full and in steps. `p` and `q` are room for both. */
function divergenceOf(bins: Float64Array, sums: Sums, { start, end, p, q }: Window): number {
  const length = end - start
  for (let index = 0; index < length; index++) p[index] = bins[start + index] ?? 0
  p[0] = (p[0] ?? 0) + between(sums.values, 0, start)
  p[length - 1] = (p[length - 1] ?? 0) + between(sums.values, end, bins.length)
  inSteps(sums, { start, end, p, q })
  const isSmooth = smooth(p, length) && smooth(q, length)
  return isSmooth ? relativeEntropy(p, q, length) : Number.POSITIVE_INFINITY
}

type Window = { start: number; end: number; p: Float32Array; q: Float32Array }

/** Each step spreads its values over its bins that are not empty, in whole numbers. */
function inSteps({ values, filled }: Sums, { start, end, p, q }: Window): void {
  const length = end - start
  const size = Math.floor(length / STEPS)
  q.fill(0, 0, length)
  for (let step = 0; step < STEPS; step++) {
    const [from, to] = [step * size, (step + 1) * size]
    const sum = between(values, start + from, step === STEPS - 1 ? end : start + to)
    // The ends of `p` may have values that the bins do not have.
    const count = between(filled, start + from, start + to) + gained(filled, p, { start, from, to, length })
    if (count > 0) q.fill(Math.trunc(sum / count), from, to)
  }
}

type Step = { start: number; from: number; to: number; length: number }

/** The ends within a step that are empty in the bins and not empty in `p`. */
function gained(filled: Float64Array, p: Float32Array, { start, from, to, length }: Step): number {
  const ends = [0, length - 1].filter((end) => end >= from && end < to)
  return ends.filter((end) => (p[end] ?? 0) !== 0 && between(filled, start + end, start + end + 1) === 0).length
}

/** False if too little is left to take the smoothing from. */
function smooth(values: Float32Array, length: number): boolean {
  let empty = 0
  for (let index = 0; index < length; index++) if (values[index] === 0) empty++
  const taken = (SMOOTHING * empty) / (length - empty)
  // Also when all are empty, because nothing can be divided by 0.
  if (!(taken < 1)) return false
  for (let index = 0; index < length; index++)
    values[index] = values[index] === 0 ? SMOOTHING : (values[index] ?? 0) - taken
  return true
}

/** Ranges that differ by less than the precision of float32 are equal, and the narrowest wins, as in the reference. */
function relativeEntropy(p: Float32Array, q: Float32Array, length: number): number {
  const [sumP, sumQ] = [sumOf(p, length), sumOf(q, length)]
  let sum = 0
  for (let index = 0; index < length; index++) {
    const a = Math.fround((p[index] ?? 0) / sumP)
    const b = Math.fround((q[index] ?? 0) / sumQ)
    sum += a > 0 && b > 0 ? Math.fround(a * Math.fround(Math.log(Math.fround(a / b)))) : Number.POSITIVE_INFINITY
  }
  return Math.fround(sum)
}

function sumOf(values: Float32Array, length: number): number {
  let sum = 0
  for (let index = 0; index < length; index++) sum += values[index] ?? 0
  return Math.fround(sum)
}
