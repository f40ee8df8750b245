import fc from 'fast-check'
import { expect, test } from 'vitest'
import { areApart, medianOf, quantileOf, SITTINGS_MIN, sampleOf, speedOf, studentT975 } from './speed.ts'

test.each([
  [4, 2.776],
  [5, 2.571],
  [9, 2.262],
  [19, 2.093],
  [30, 2.042],
  [60, 2.0],
  [1e9, 1.96],
])('the quantile of t with %i degrees of freedom is the one of the tables', (degrees, wanted) => {
  expect(Math.abs(studentT975(degrees) - wanted) / wanted).toBeLessThan(0.002)
})

test('a build that is twice as fast in each sitting is twice as fast, without doubt', () => {
  const sample = sampleOf([
    { version: 2, build: 1 },
    { version: 6, build: 3 },
  ])
  const speed = speedOf(Array.from({ length: SITTINGS_MIN }, () => sample ?? 0))
  expect(speed?.middle).toBeCloseTo(2, 9)
  expect(speed?.low).toBeCloseTo(2, 9)
  expect(speed?.high).toBeCloseTo(2, 9)
})

test('there is no speed of few sittings, and no sample without a pair', () => {
  expect(speedOf(Array.from({ length: SITTINGS_MIN - 1 }, () => 0.5))).toBeUndefined()
  expect(sampleOf([])).toBeUndefined()
  expect(sampleOf([{ version: 0, build: 1 }]), 'a clock too coarse for the model').toBeUndefined()
})

const samples = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: SITTINGS_MIN, maxLength: 50 })

test('the interval holds its middle, and turns around with the roles', () => {
  fc.assert(
    fc.property(samples, (logs) => {
      const speed = speedOf(logs)
      const reverse = speedOf(logs.map((log) => -log))
      if (!speed || !reverse) throw new Error('no speed')
      expect(speed.low).toBeLessThanOrEqual(speed.middle)
      expect(speed.middle).toBeLessThanOrEqual(speed.high)
      expect(speed.low * reverse.high).toBeCloseTo(1, 6)
      expect(speed.middle * reverse.middle).toBeCloseTo(1, 6)
    }),
  )
})

test('the same samples twice over give a narrower interval around the same middle', () => {
  fc.assert(
    fc.property(samples, (logs) => {
      const once = speedOf(logs)
      const twice = speedOf([...logs, ...logs])
      if (!once || !twice) throw new Error('no speed')
      expect(Math.log(twice.middle)).toBeCloseTo(Math.log(once.middle), 6)
      expect(twice.high / twice.low).toBeLessThanOrEqual((once.high / once.low) * (1 + 1e-9))
    }),
  )
})

test('95 of 100 intervals of equal candidates hold the ratio 1', () => {
  // A seeded generator of normal numbers [Box, Muller 1958].
  let state = 42
  const uniform = () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return (state + 1) / (2 ** 32 + 1)
  }
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  const held = Array.from({ length: 2_000 }, () => speedOf([1, 2, 3, 4, 5].map(() => 0.2 * normal()))).filter(
    (speed) => speed && speed.low <= 1 && speed.high >= 1,
  )
  expect(held.length / 2_000).toBeGreaterThan(0.93)
  expect(held.length / 2_000).toBeLessThan(0.97)
})

const around = (middle: number) => ({ low: middle - 0.05, middle, high: middle + 0.05 })

test('intervals are apart if none overlaps another one or the version', () => {
  expect(areApart([])).toBe(true)
  expect(areApart([around(1.5), around(0.8)])).toBe(true)
  expect(areApart([around(1.5), around(1.55)])).toBe(false)
  expect(areApart([around(1.02)])).toBe(false)
  expect(areApart([around(1.5), undefined])).toBe(false)
})

test('quantiles are by nearest rank', () => {
  expect(quantileOf([1, 2, 3, 4], 0.5)).toBe(2)
  expect(quantileOf([1, 2, 3, 4], 0.95)).toBe(4)
  expect(quantileOf([], 0.5)).toBe(0)
  expect(medianOf([9, 1, 5])).toBe(5)
})
