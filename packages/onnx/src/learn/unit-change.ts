/**
 * Unit change: finds the moment at which a tag began to come in another unit. All its quantiles then differ by one factor
 * of two usual units, although the values before and after overlap.
 */
import { deviationOf } from './numbers.ts'

type UnitChange = { before: number; after: number; factor: number }

/** Factors between usual units of one quantity. */
export const UNIT_FACTORS = [10, 100, 1_000, 60, 3_600, 3.6, 14.5038, 6.894_76, 25.4, 2.204_62, 0.277_778, 1.609_34]

/** A machine moves meanwhile, so the quantiles differ by so much from the exact factor. */
const FACTOR_TOLERANCE = 0.15

/** Each part has its quantiles from so many rows at least. */
const PART_SHARE_MIN = 0.1

/** Quantiles of a part. The tails of few rows would say little. */
const QUANTILES = [0.1, 0.25, 0.5, 0.75, 0.9]

/**
 * A split explains so much of the logarithm of the variance of each row, or it is none. A load that rises slowly has no
 * such moment.
 */
const GAIN_MIN = 0.25

/** Undefined if there is no such moment. */
export function findUnitChange(values: Float64Array): UnitChange | undefined {
  const split = bestSplit(values)
  if (split === undefined) return undefined
  const before = quantilesOf(values.subarray(0, split))
  const after = quantilesOf(values.subarray(split))
  // A sum of two signs has no factor.
  if (![...before, ...after].every((value) => value > 0) && ![...before, ...after].every((value) => value < 0))
    return undefined
  const factor = UNIT_FACTORS.flatMap((one) => [one, 1 / one]).find(
    (one) => isScaled(before, after, one) && isSharp(values, split, one),
  )
  return factor === undefined ? undefined : { before: before[2] ?? 0, after: after[2] ?? 0, factor }
}

/** The ratio of two small numbers says little, so that these count as larger ones. */
const SMALL_SHARE = 0.25

/** Few rows of a slow wave have other quantiles than many: a change is found if both parts have several periods. */
function isScaled(before: readonly number[], after: readonly number[], factor: number): boolean {
  const small = SMALL_SHARE * Math.max(...before.map(Math.abs))
  return before.every((value, at) => {
    const tolerated = FACTOR_TOLERANCE * factor * Math.max(Math.abs(value), small)
    return Math.abs((after[at] ?? 0) - factor * value) <= tolerated
  })
}

/** The split may be found so many rows late or early. */
const SPLIT_ERROR = 2

const STEP_SHARE = 0.95

const SMALL_FACTOR = 3

/** In one unit, the tag goes on as usual at this moment. A machine that itself has moved does not. */
function isSharp(values: Float64Array, split: number, factor: number): boolean {
  const steps = values.subarray(1, split - SPLIT_ERROR).map((value, at) => Math.abs(value - (values[at] ?? 0)))
  const sorted = steps.toSorted()
  const usual = sorted[Math.floor(STEP_SHARE * (sorted.length - 1))] ?? 0
  // A machine itself may move by a small factor, so that only a step without equal shows another unit.
  const least = Math.max(factor, 1 / factor) < SMALL_FACTOR ? (sorted.at(-1) ?? 0) : usual
  for (let at = split - SPLIT_ERROR; at <= split + SPLIT_ERROR; at += 1) {
    const [last = 0, first = 0] = values.subarray(at - 1, at + 1)
    if (Math.abs(first / factor - last) <= usual && Math.abs(first - last) > least) return true
  }
  return false
}

/** The row from which mean and variance differ most from those before [Chen and Gupta 1997]. */
function bestSplit(values: Float64Array): number | undefined {
  const least = Math.ceil(values.length * PART_SHARE_MIN)
  const whole = Math.log(Math.max(deviationOf(values) ** 2, Number.MIN_VALUE))
  const sums = sumsOf(values)
  let best: { at: number; cost: number } | undefined
  for (let at = least; at <= values.length - least; at += 1) {
    const share = at / values.length
    const cost = share * logVariance(sums, 0, at) + (1 - share) * logVariance(sums, at, values.length)
    if (!best || cost < best.cost) best = { at, cost }
  }
  return best && whole - best.cost >= GAIN_MIN ? best.at : undefined
}

type Sums = { of: Float64Array; squares: Float64Array }

/** Around the first value, so that a large level does not hide a small variance. */
function sumsOf(values: Float64Array): Sums {
  const of = new Float64Array(values.length + 1)
  const squares = new Float64Array(values.length + 1)
  const [first = 0] = values
  for (const [at, value] of values.entries()) {
    of[at + 1] = (of[at] ?? 0) + (value - first)
    squares[at + 1] = (squares[at] ?? 0) + (value - first) ** 2
  }
  return { of, squares }
}

function logVariance({ of, squares }: Sums, from: number, to: number): number {
  const count = to - from
  const mean = ((of[to] ?? 0) - (of[from] ?? 0)) / count
  const variance = ((squares[to] ?? 0) - (squares[from] ?? 0)) / count - mean ** 2
  return Math.log(Math.max(variance, Number.MIN_VALUE))
}

function quantilesOf(part: Float64Array): number[] {
  const sorted = part.toSorted()
  return QUANTILES.map((share) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0)
}
