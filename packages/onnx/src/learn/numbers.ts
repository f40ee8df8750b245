/** Numbers of robust statistics, and seeded chance. */

/** The value below which this share of the values lies, by linear interpolation. NaN without values. */
export function quantileOf(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort()
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const low = sorted[below] ?? Number.NaN
  const high = sorted[below + 1] ?? low
  return low + (place - below) * (high - low)
}

export const medianOf = (values: ArrayLike<number>): number => quantileOf(values, 0.5)

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0
  for (let at = 0; at < values.length; at += 1) sum += values[at] ?? 0
  return sum / values.length
}

export function deviationOf(values: ArrayLike<number>): number {
  const mean = meanOf(values)
  let sum = 0
  for (let at = 0; at < values.length; at += 1) sum += ((values[at] ?? 0) - mean) ** 2
  return Math.sqrt(sum / values.length)
}

/** Makes the median absolute deviation of normal values their standard deviation. */
const NORMAL = 1.4826

/** The median absolute deviation. If more than half of the values are one value, it is zero. */
export function spreadOf(values: ArrayLike<number>): number {
  const middle = medianOf(values)
  return NORMAL * medianOf(Float64Array.from(values, (value) => Math.abs(value - middle)))
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function chanceOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A normal number [Box and Muller 1958]. */
export const normalOf = (chance: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance())
