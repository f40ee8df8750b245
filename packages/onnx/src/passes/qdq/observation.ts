/**
 * Observation: the distribution of the values of one tensor, from runs of a model on calibration inputs. From it comes the range
 * that eight bits stand for. Only these numbers leave the place where the inputs are.
 */

/** Bins of a histogram over both signs, as many as onnxruntime's own calibration uses. */
const BINS = 2_048

export type Range = { min: number; max: number }

/** Bins over [-reach, reach]; values that are not finite are counted apart. */
export type Observation = Range & { reach: number; bins: Float64Array; notFinite: number }

/** An observation of no values. */
export const nothingObserved = (): Observation => ({
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  reach: 0,
  bins: new Float64Array(BINS),
  notFinite: 0,
})

/** Adds values. If they reach further, bins are joined two by two until all values have one. */
export function observe(observation: Observation, values: Float32Array): void {
  widen(observation, values)
  const { reach, bins } = observation
  const perUnit = reach === 0 ? 0 : BINS / (2 * reach)
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0
    if (!Number.isFinite(value)) observation.notFinite++
    else {
      const bin = Math.min(BINS - 1, Math.floor((value + reach) * perUnit))
      bins[bin] = (bins[bin] ?? 0) + 1
    }
  }
}

function widen(observation: Observation, values: Float32Array) {
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0
    if (!Number.isFinite(value)) continue
    if (value < observation.min) observation.min = value
    if (value > observation.max) observation.max = value
  }
  const needed = Math.max(Math.abs(observation.min), Math.abs(observation.max))
  if (!Number.isFinite(needed) || needed <= observation.reach) return
  if (observation.reach === 0) {
    observation.bins.fill(0)
    observation.reach = needed
    return
  }
  while (observation.reach < needed) doubleReach(observation)
}

/** Twice the reach: the bins of each half move towards the middle, two by two. */
function doubleReach(observation: Observation) {
  const wider = new Float64Array(BINS)
  for (const [index, count] of observation.bins.entries()) {
    const at = BINS / 4 + Math.floor(index / 2)
    wider[at] = (wider[at] ?? 0) + count
  }
  observation.bins = wider
  observation.reach *= 2
}

/** The range of all values, which is [0, 0] if there were none. */
export const minMaxRange = ({ min, max }: Observation): Range => (min <= max ? { min, max } : { min: 0, max: 0 })

/**
 * The range that holds all values but a share, which is cut in equal parts at both ends.
 *
 * @param percentile above 0 and up to 100: the share that is kept, such as 99.999
 */
export function percentileRange(observation: Observation, percentile: number): Range {
  const whole = minMaxRange(observation)
  const { reach, bins } = observation
  const total = bins.reduce((sum, count) => sum + count, 0)
  const cut = (total * (100 - percentile)) / 200
  const low = firstBeyond(bins, cut)
  const high = BINS - firstBeyond(bins.toReversed(), cut)
  const width = (2 * reach) / BINS
  return { min: Math.max(whole.min, low * width - reach), max: Math.min(whole.max, high * width - reach) }
}

/** The first bin with which more than `cut` values are counted. */
function firstBeyond(bins: Float64Array, cut: number): number {
  let counted = 0
  const index = bins.findIndex((count) => {
    counted += count
    return counted > cut
  })
  return Math.max(0, index)
}
