/**
 * The privacy that a campaign has spent: ε of differential privacy for one client, after rounds in which clients take
 * part by chance, each update is cut to a norm, and noise is added to the sum.
 *
 * Rényi differential privacy of the Poisson-subsampled Gaussian mechanism at integer orders [Mironov, Talwar, Zhang,
 * 2019], and its conversion [Canonne, Kamath, Steinke, 2020].
 */

export type Mechanism = {
  /** The probability with which a client takes part in a round. */
  sampleRate: number
  /** The standard deviation of the noise in the sum, divided by the norm to which an update is cut. */
  noiseMultiplier: number
}

export type Spending = Mechanism & { rounds: number; delta: number }

/** `order` is the one that gave the least ε. */
export type Spent = { epsilon: number; order: number }

/** Larger orders matter for an ε below 0.1 only. */
const ORDER_MAX = 256

/** The ε that these rounds have spent; infinite without noise. */
export function spentPrivacy({ rounds, delta, ...mechanism }: Spending): Spent {
  return spentBy(divergencesOf(mechanism), { rounds, delta })
}

/** The ε that rounds of several mechanisms have spent together: divergences add up at each order. */
export function spentByRounds(parts: readonly (Mechanism & { rounds: number })[], delta: number): Spent {
  const sums = Array.from({ length: ORDER_MAX - 1 }, () => 0)
  for (const { rounds, ...mechanism } of parts)
    for (const [at, divergence] of divergencesOf(mechanism).entries()) sums[at] = (sums[at] ?? 0) + rounds * divergence
  return spentBy(sums, { rounds: 1, delta })
}

/** By order, beginning with 2. They do not depend on the number of rounds. */
const divergencesOf = (mechanism: Mechanism): number[] =>
  Array.from({ length: ORDER_MAX - 1 }, (_, index) => renyiDivergence(index + 2, mechanism))

function spentBy(divergences: readonly number[], { rounds, delta }: Pick<Spending, 'rounds' | 'delta'>): Spent {
  if (rounds === 0 || divergences.every((each) => each === 0)) return { epsilon: 0, order: 2 }
  let best: Spent = { epsilon: Number.POSITIVE_INFINITY, order: 2 }
  for (const [index, divergence] of divergences.entries()) {
    const order = index + 2
    const conversion = Math.log1p(-1 / order) - (Math.log(delta) + Math.log(order)) / (order - 1)
    const epsilon = Math.max(0, rounds * divergence + conversion)
    if (epsilon < best.epsilon) best = { epsilon, order }
  }
  return best
}

/** Of one round at an integer order. */
export function renyiDivergence(order: number, { sampleRate, noiseMultiplier }: Mechanism): number {
  const variance = noiseMultiplier ** 2
  if (sampleRate === 0) return 0
  if (variance === 0) return Number.POSITIVE_INFINITY
  if (sampleRate === 1) return order / (2 * variance)
  let logBinomial = 0
  let logSum = Number.NEGATIVE_INFINITY
  for (let k = 0; k <= order; k++) {
    const chance = (order - k) * Math.log1p(-sampleRate) + k * Math.log(sampleRate)
    logSum = logAdd(logSum, logBinomial + chance + (k * k - k) / (2 * variance))
    logBinomial += Math.log((order - k) / (k + 1))
  }
  return logSum / (order - 1)
}

function logAdd(a: number, b: number): number {
  const [low, high] = a < b ? [a, b] : [b, a]
  return low === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(low - high))
}

/** The largest number of rounds that spend at most this ε. */
export function roundsWithin(epsilon: number, { delta, ...mechanism }: Omit<Spending, 'rounds'>, most: number): number {
  const divergences = divergencesOf(mechanism)
  const isWithin = (rounds: number) => spentBy(divergences, { rounds, delta }).epsilon <= epsilon
  let [low, high] = [0, most]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (isWithin(middle)) low = middle
    else high = middle - 1
  }
  return low
}

/** A noise beyond this one hides every update of a fleet. */
const NOISE_MAX = 1_000

/** The least noise with which these rounds spend at most this ε; undefined if none below 1,000 does. */
export function noiseWithin(epsilon: number, spending: Omit<Spending, 'noiseMultiplier'>): number | undefined {
  const isWithin = (noiseMultiplier: number) => spentPrivacy({ ...spending, noiseMultiplier }).epsilon <= epsilon
  if (!isWithin(NOISE_MAX)) return undefined
  let [low, high] = [0, NOISE_MAX]
  // Each step halves the interval: 40 of them leave a billionth.
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2
    if (isWithin(middle)) high = middle
    else low = middle
  }
  return high
}
