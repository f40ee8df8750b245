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
  if (reach === 0 || sumOf(bins, 0, bins.length) < bins.length * VALUES_PER_BIN_MIN) return whole
  const middle = bins.length / 2
  let best = { divergence: Number.POSITIVE_INFINITY, half: STEPS / 2 }
  for (let half = STEPS / 2; half <= middle; half++) {
    const divergence = divergenceOf(bins, middle - half, Math.min(middle + half + 1, bins.length))
    if (divergence < best.divergence) best = { divergence, half }
  }
  const width = (2 * reach) / bins.length
  const [low, high] = [middle - best.half, Math.min(middle + best.half + 1, bins.length)]
  return { min: Math.max(whole.min, low * width - reach), max: Math.min(whole.max, high * width - reach) }
}

/** The relative entropy of the bins from `start` to before `end`, in full and in steps. */
function divergenceOf(bins: Float64Array, start: number, end: number): number {
  const inside = bins.subarray(start, end)
  const full = Float64Array.from(inside)
  full[0] = (full[0] ?? 0) + sumOf(bins, 0, start)
  full[full.length - 1] = (full.at(-1) ?? 0) + sumOf(bins, end, bins.length)
  const [p, q] = [smooth(full), smooth(inSteps(inside, full))]
  return p && q ? relativeEntropy(p, q) : Number.POSITIVE_INFINITY
}

/** Each step spreads its values over its bins that are not empty, in whole numbers. */
function inSteps(inside: Float64Array, full: Float64Array): Float64Array {
  const coarse = new Float64Array(inside.length)
  const size = Math.floor(inside.length / STEPS)
  for (let step = 0; step < STEPS; step++) {
    const [from, to] = [step * size, (step + 1) * size]
    const last = step === STEPS - 1 ? inside.length : to
    const filled = full.subarray(from, to).reduce((count, value) => count + (value === 0 ? 0 : 1), 0)
    if (filled > 0) coarse.fill(Math.trunc(sumOf(inside, from, last) / filled), from, to)
  }
  return coarse
}

function sumOf(values: ArrayLike<number>, from: number, to: number): number {
  let sum = 0
  for (let index = from; index < to; index++) sum += values[index] ?? 0
  return sum
}

/** Undefined if too little is left to take the smoothing from. */
function smooth(values: Float64Array): Float32Array | undefined {
  const empty = values.reduce((count, value) => count + (value === 0 ? 1 : 0), 0)
  const taken = (SMOOTHING * empty) / (values.length - empty)
  // Also when all are empty, because nothing can be divided by 0.
  return taken < 1 ? Float32Array.from(values, (value) => (value === 0 ? SMOOTHING : value - taken)) : undefined
}

/** Ranges that differ by less than the precision of float32 are equal, and the narrowest wins, as in the reference. */
function relativeEntropy(p: Float32Array, q: Float32Array): number {
  const [sumP, sumQ] = [Math.fround(sumOf(p, 0, p.length)), Math.fround(sumOf(q, 0, q.length))]
  let sum = 0
  for (let index = 0; index < p.length; index++) {
    const a = Math.fround((p[index] ?? 0) / sumP)
    const b = Math.fround((q[index] ?? 0) / sumQ)
    sum += a > 0 && b > 0 ? Math.fround(a * Math.fround(Math.log(Math.fround(a / b)))) : Number.POSITIVE_INFINITY
  }
  return Math.fround(sum)
}
