import { describe, expect, test } from 'vitest'
import { noiseWithin, renyiDivergence, roundsWithin, spentPrivacy } from './accountant.ts'
import { clipFactor, normalNumbers, updateNorm } from './clipping.ts'

// The tests of TensorFlow Privacy have these values, by examples and batch, noise, epochs and delta.
const cases = [
  {
    name: '60,000 in batches of 150, 15 epochs',
    sampleRate: 150 / 60_000,
    noiseMultiplier: 1.3,
    rounds: 15 * 400,
    delta: 1e-5,
    epsilon: 0.724223,
    order: 19,
    older: 0.941871,
  },
  {
    name: '100,000 in batches of 100, 30 epochs',
    sampleRate: 100 / 100_000,
    noiseMultiplier: 1,
    rounds: 30 * 1_000,
    delta: 1e-7,
    epsilon: 1.415499,
    order: 13,
    older: 1.709287,
  },
]

describe('the privacy that is spent', () => {
  test.each(cases)('is that of the reference: $name', ({ epsilon, order, older, ...spending }) => {
    const spent = spentPrivacy(spending)
    expect(spent.epsilon).toBeCloseTo(epsilon, 6)
    expect(spent.order).toBe(order)
    const orders = Array.from({ length: 100 }, (_, index) => index + 2)
    const converted = orders.map(
      (each) => spending.rounds * renyiDivergence(each, spending) - Math.log(spending.delta) / (each - 1),
    )
    expect(Math.min(...converted)).toBeCloseTo(older, 6)
  })

  test('of all clients in each round is that of the Gaussian mechanism', () => {
    expect(renyiDivergence(8, { sampleRate: 1, noiseMultiplier: 2 })).toBe(1)
    const nearly = renyiDivergence(8, { sampleRate: 1 - 1e-9, noiseMultiplier: 2 })
    expect(nearly).toBeCloseTo(1, 6)
  })

  test('grows with rounds and shares, and falls with noise', () => {
    const base = { sampleRate: 0.1, noiseMultiplier: 1, rounds: 100, delta: 1e-5 }
    const { epsilon } = spentPrivacy(base)
    expect(spentPrivacy({ ...base, rounds: 101 }).epsilon).toBeGreaterThan(epsilon)
    expect(spentPrivacy({ ...base, sampleRate: 0.2 }).epsilon).toBeGreaterThan(epsilon)
    expect(spentPrivacy({ ...base, noiseMultiplier: 1.1 }).epsilon).toBeLessThan(epsilon)
  })

  test('is nothing before a round, and all without noise', () => {
    const base = { sampleRate: 0.1, noiseMultiplier: 1, rounds: 0, delta: 1e-5 }
    expect(spentPrivacy(base).epsilon).toBe(0)
    expect(spentPrivacy({ ...base, rounds: 5, sampleRate: 0 }).epsilon).toBe(0)
    expect(spentPrivacy({ ...base, rounds: 1, noiseMultiplier: 0 }).epsilon).toBe(Number.POSITIVE_INFINITY)
    expect(spentPrivacy({ ...base, rounds: 1, sampleRate: 1e-6, delta: 0.5 }).epsilon).toBeGreaterThanOrEqual(0)
  })
})

test('a budget gives the rounds and the noise that it allows, and no more', () => {
  const [first] = cases
  if (!first) throw new Error('there is no case')
  const { sampleRate, noiseMultiplier, rounds, delta } = first
  const budget = spentPrivacy({ sampleRate, noiseMultiplier, rounds, delta }).epsilon
  expect(roundsWithin(budget, { sampleRate, noiseMultiplier, delta }, 1e6)).toBe(rounds)
  expect(roundsWithin(1e-9, { sampleRate, noiseMultiplier, delta }, 1e6)).toBe(0)
  expect(roundsWithin(1e9, { sampleRate, noiseMultiplier, delta }, 10)).toBe(10)
  expect(noiseWithin(budget, { sampleRate, rounds, delta })).toBeCloseTo(noiseMultiplier, 6)
  expect(noiseWithin(1e-12, { sampleRate: 1, rounds: 1e9, delta })).toBeUndefined()
})

test('an update is cut to the bound of its norm, and NaN to nothing', () => {
  const update = [Float32Array.of(3), Float32Array.of(0, 4)]
  expect(updateNorm(update)).toBe(5)
  expect(clipFactor(5, 10)).toBe(1)
  expect(clipFactor(5, 2)).toBe(0.4)
  expect(clipFactor(Number.NaN, 2)).toBe(0)
  expect(clipFactor(Number.POSITIVE_INFINITY, 2)).toBe(0)
})

test('normal numbers have the mean, the spread and the tails of the distribution', () => {
  let state = 1
  const next = normalNumbers(() => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  })
  const values = Array.from({ length: 100_000 }, next)
  const mean = values.reduce((a, b) => a + b) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  expect(Math.abs(mean)).toBeLessThan(0.01)
  expect(Math.abs(variance - 1)).toBeLessThan(0.02)
  expect(values.filter((value) => Math.abs(value) > 2).length / values.length).toBeCloseTo(0.0455, 2)
  expect(Math.abs(normalNumbers(() => 0)())).toBe(0)
})
