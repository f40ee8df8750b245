import { expect, test } from 'vitest'
import { entropyRange } from './entropy.ts'
import { minMaxRange, nothingObserved, observe, percentileRange } from './observation.ts'

const observed = (...batches: Float32Array[]) => {
  const observation = nothingObserved()
  for (const batch of batches) observe(observation, batch)
  return observation
}

const ramp = (length: number, factor = 1) => Float32Array.from({ length }, (_, index) => (index / length) * factor)

test('the whole range has the least and the largest value, and none is [0, 0]', () => {
  expect(minMaxRange(observed(Float32Array.of(-3, 0.5), Float32Array.of(8)))).toEqual({ min: -3, max: 8 })
  expect(minMaxRange(nothingObserved())).toEqual({ min: 0, max: 0 })
})

test('a percentile cuts a rare value off, in whatever order the values come', () => {
  const outlier = Float32Array.of(1_000)
  for (const batches of [
    [ramp(100_000), outlier],
    [outlier, ramp(100_000)],
  ]) {
    const { min, max } = percentileRange(observed(...batches), 99.99)
    expect(min).toBeGreaterThanOrEqual(0)
    // 2,048 bins over both signs: one of them is about 1 wide.
    expect(max).toBeLessThan(2.1)
  }
})

test('a percentile of all values is the whole range, of one bin at most too narrow', () => {
  const observation = observed(ramp(1_000), ramp(1_000, -4))
  const { min, max } = percentileRange(observation, 100)
  expect(min).toBeCloseTo(-3.996, 2)
  expect(max).toBeCloseTo(0.999, 2)
})

test('values that are not finite are counted, and change no range', () => {
  const observation = observed(Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, 2))
  expect(observation.notFinite).toBe(2)
  expect(minMaxRange(observation)).toEqual({ min: 1, max: 2 })
})

test('zeros alone have the range [0, 0]', () => {
  expect(percentileRange(observed(new Float32Array(10)), 99.9)).toEqual({ min: 0, max: 0 })
})

test('a range by entropy leaves rare values far outside out, and never reaches beyond the values', () => {
  const bell = Float32Array.from({ length: 20_000 }, (_, index) => Math.sin(index * 12.9898) + Math.sin(index * 78.233))
  const rare = bell.with(7, 60)
  expect(entropyRange(observed(rare)).max).toBeLessThan(10)
  expect(minMaxRange(observed(rare)).max).toBe(60)
  const { min, max } = entropyRange(observed(ramp(10_000)))
  expect(min).toBeGreaterThanOrEqual(0)
  expect(max).toBeLessThanOrEqual(1)
  expect(entropyRange(observed(new Float32Array(10)))).toEqual({ min: 0, max: 0 })
})
