/**
 * Strategies: new weights from the weights of a round and the updates of its participants. A mean holds one sum, whatever
 * the number of updates. Median and trimmed mean need all values of a weight at once, so they take a part of the weights
 * at a time: the caller reads the same part of each update.
 */
import type { CampaignNoise } from '@skerry/contract/campaigns/noise'
import type { CampaignStrategy } from '@skerry/contract/campaigns/strategy'
import { stepNorm } from './weights.ts'

/** The moments that a strategy keeps on the hub from round to round, one value a weight. */
export type ServerMoments = { first?: Float32Array; second?: Float32Array }

export type Mixed = { weights: Float32Array; moments: ServerMoments }

/** The weights from which an old update started, and the part of its step that counts. */
export type UpdateStart = { base: Float32Array; factor: number }

/** Takes updates one after the other. */
export type Mixer = {
  /** `rows` is the weight of the update. The answer is its length, and whether the bound made it smaller. */
  add(values: Float32Array, rows: number, start?: UpdateStart): { norm: number; isBounded: boolean }
  /** Adds the weighted mean of several updates, whose weights have this sum. */
  join(mean: Float32Array, weight: number): void
  /** The mean step of all updates so far. */
  step(): Float64Array
  mix(): Mixed
}

export type MeanStrategy = Exclude<CampaignStrategy, { kind: 'median' | 'trimmed-mean' | 'krum' }>
type RankStrategy = Extract<CampaignStrategy, { kind: 'median' | 'trimmed-mean' }>

/** Whether the strategy adds updates up, and so needs no single one of them. */
export const isMeanStrategy = (strategy: CampaignStrategy): strategy is MeanStrategy =>
  !isRankStrategy(strategy) && strategy.kind !== 'krum'

export const isRankStrategy = (strategy: CampaignStrategy): strategy is RankStrategy =>
  strategy.kind === 'median' || strategy.kind === 'trimmed-mean'

/** One update counts as at most so many rows: a device that reports a huge number must not decide alone. */
const ROWS_COUNTED_MAX = 1_000_000

/** The weight of an update in a mean. */
export const weightOfRows = (rows: number): number => Math.min(rows, ROWS_COUNTED_MAX)

/** The longest step of one device; none is too long without a bound. */
const boundOf = (strategy: MeanStrategy, noise: Pick<CampaignNoise, 'bound'> | undefined): number =>
  noise?.bound ?? (strategy.kind === 'norm-bound' ? strategy.bound : Number.POSITIVE_INFINITY)

/**
 * Sums in double precision: the order of the updates changes the result by less than float32 can hold. With noise, each
 * device counts the same, because the noise hides one device of any size.
 */
export function createMixer(
  strategy: MeanStrategy,
  base: Float32Array,
  moments: ServerMoments,
  noise?: Pick<CampaignNoise, 'bound'>,
): Mixer {
  const bound = boundOf(strategy, noise)
  const sum = new Float64Array(base.length)
  let total = 0
  const take = (values: Float32Array, from: Float32Array, share: number, factor: number) => {
    for (let i = 0; i < sum.length; i += 1)
      sum[i] = (sum[i] ?? 0) + share * factor * ((values[i] ?? 0) - (from[i] ?? 0))
    total += share
  }
  const step = () => (total === 0 ? sum.slice() : sum.map((value) => value / total))
  return {
    add(values, rows, start = { base, factor: 1 }) {
      const norm = stepNorm(start.base, values)
      const isBounded = norm > bound
      const factor = start.factor * (isBounded ? bound / norm : 1)
      take(values, start.base, noise ? 1 : weightOfRows(rows), factor)
      return { norm, isBounded }
    },
    join: (mean, weight) => take(mean, base, weight, 1),
    step,
    mix: () => mixStep(strategy, { base, step: step(), moments }),
  }
}

/** `word`: the size of a step of masked words, to which values are rounded. */
export type NoiseFacts = { updates: number; elements: number; word?: number }

/** The standard deviation of the noise in each weight of a mean of so many updates. */
export const noiseDeviation = ({ bound, multiplier }: CampaignNoise, { updates, elements, word = 0 }: NoiseFacts) =>
  (multiplier * (bound + word * Math.sqrt(elements))) / updates

/** Adds noise to a part of a step, in place. `normal` gives numbers of the standard normal distribution. */
export function addNoise(step: Float64Array, deviation: number, normal: () => number): void {
  for (let at = 0; at < step.length; at += 1) step[at] = (step[at] ?? 0) + deviation * normal()
}

export type Stepping = { base: Float32Array; step: Float64Array; moments: ServerMoments }

/** New weights from the mean step of the devices. */
export function mixStep(strategy: MeanStrategy, stepping: Stepping): Mixed {
  if (strategy.kind === 'fedavgm') return withMomentum(strategy, stepping)
  if (isAdaptive(strategy)) return withSecondMoment(strategy, stepping)
  const { base, step } = stepping
  const rate = strategy.kind === 'fedbuff' || strategy.kind === 'scaffold' ? strategy.serverRate : 1
  return { weights: base.map((value, i) => value + rate * (step[i] ?? 0)), moments: {} }
}

type Of<Kind extends CampaignStrategy['kind']> = Extract<CampaignStrategy, { kind: Kind }>

function withMomentum({ serverRate, momentum }: Of<'fedavgm'>, { base, step, moments }: Stepping): Mixed {
  const first = Float32Array.from(step, (value, i) => momentum * (moments.first?.[i] ?? 0) + value)
  return { weights: base.map((value, i) => value + serverRate * (first[i] ?? 0)), moments: { first } }
}

type Adaptive = Of<'fedadam'> | Of<'fedyogi'> | Of<'fedadagrad'>

/** Whether the strategy keeps both moments. */
export const isAdaptive = (strategy: CampaignStrategy): strategy is Adaptive =>
  strategy.kind === 'fedadam' || strategy.kind === 'fedyogi' || strategy.kind === 'fedadagrad'

/** [Reddi 2021, algorithm 2] Without the correction of the bias, as there. */
function withSecondMoment(strategy: Adaptive, { base, step, moments }: Stepping): Mixed {
  const { serverRate, beta1, epsilon } = strategy
  const first = Float32Array.from(step, (value, i) => beta1 * (moments.first?.[i] ?? 0) + (1 - beta1) * value)
  const second = Float32Array.from(step, (value, i) =>
    nextSecond(strategy, moments.second?.[i] ?? epsilon ** 2, value * value),
  )
  const weights = base.map((value, i) => value + (serverRate * (first[i] ?? 0)) / (Math.sqrt(second[i] ?? 0) + epsilon))
  return { weights, moments: { first, second } }
}

function nextSecond(strategy: Adaptive, before: number, square: number): number {
  switch (strategy.kind) {
    case 'fedadam':
      return strategy.beta2 * before + (1 - strategy.beta2) * square
    case 'fedyogi':
      return before - (1 - strategy.beta2) * square * Math.sign(before - square)
    case 'fedadagrad':
      return before + square
  }
}

/** New values of a part of the weights, from the same part of all updates. There must be at least one. */
export function mixRanked(strategy: RankStrategy, parts: readonly Float32Array[]): Float32Array {
  const [firstPart] = parts
  if (!firstPart) throw new Error('a rank strategy needs an update')
  const cut = strategy.kind === 'median' ? Math.floor((parts.length - 1) / 2) : trimCount(strategy.trim, parts.length)
  const column = new Float32Array(parts.length)
  return firstPart.map((_, at) => {
    for (const [place, part] of parts.entries()) column[place] = part[at] ?? 0
    column.sort()
    return meanOf(column.subarray(cut, parts.length - cut))
  })
}

/** Values that a trimmed mean leaves out at each end. */
export const trimCount = (trim: number, updates: number): number => Math.floor(trim * updates)

function meanOf(values: Float32Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}
