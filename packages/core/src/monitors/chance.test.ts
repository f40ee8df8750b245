/** Chance and distances: equal to SciPy 1.17 on the same samples, and within their stated bounds from bins. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { categoryEdgesOf, countsOf, edgesOf } from './bins.ts'
import { chiSquareTest, falseDiscovery } from './chance.ts'
import { wassersteinOf } from './wasserstein.ts'

describe('the chi-square test', () => {
  test.each([
    { p: [10, 20, 30, 40, 50], q: [30, 25, 20, 30, 45], statistic: 14.247284878863825, pValue: 0.00654624412681649 },
    {
      p: Array.from({ length: 10 }, () => 500),
      q: [61, 72, 44, 50, 48, 52, 51, 39, 47, 36],
      statistic: 17.509919399626476,
      pValue: 0.041304337122321955,
    },
    { p: [5_000, 300], q: [480, 90], statistic: 85.13047633438475, pValue: 2.793120995124737e-20 },
  ])('is that of scipy.stats.chi2_contingency: $pValue', ({ p, q, statistic, pValue }) => {
    const found = chiSquareTest(p, q)
    expect(found?.degrees).toBe(p.length - 1)
    expect(found?.statistic).toBeCloseTo(statistic, 9)
    expect(Math.abs((found?.pValue ?? 0) / pValue - 1)).toBeLessThan(1e-9)
  })

  test('rare bins are pooled, and one bin has no test', () => {
    expect(chiSquareTest([500, 500, 1, 2], [500, 500, 2, 1])?.degrees).toBe(1)
    expect(chiSquareTest([1_000], [1_000])).toBeUndefined()
    expect(chiSquareTest([1, 1], [1, 1])).toBeUndefined()
    expect(chiSquareTest([0, 0], [100, 100])).toBeUndefined()
  })

  test('equal shares are always chance', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 10, max: 500 }), { minLength: 2, maxLength: 30 }), (counts) => {
        expect(chiSquareTest(counts, counts)?.pValue).toBeCloseTo(1, 9)
      }),
    )
  })
})

test('the correction for many questions is that of scipy.stats.false_discovery_control', () => {
  const found = falseDiscovery([0.01, 0.04, 0.03, 0.005, 0.8])
  for (const [at, value] of [0.025, 0.05, 0.05, 0.025, 0.8].entries()) expect(found[at]).toBeCloseTo(value, 12)
  expect(falseDiscovery([])).toEqual([])
})

describe('the Wasserstein distance from bins', () => {
  const sequence = (length: number, step: number, { shift = 0, scale = 1 } = {}) =>
    Array.from({ length }, (_, at) => ((at * step) % 1) * scale + shift)
  const reference = sequence(1_000, 0.618_033_988_7)
  const found = (values: readonly number[]) => {
    const edges = edgesOf(reference)
    return wassersteinOf({ edges, ...countsOf(edges, reference) }, countsOf(edges, values))
  }

  test.each([
    ['a shifted and stretched sample', sequence(700, 0.754_877_666_2, { shift: 0.2, scale: 1.5 }), 0.4474962925571055],
    ['a sample far away', sequence(1_000, 0.618_033_988_7, { shift: 3 }), 2.999999999999999],
  ])('is within its bound of scipy.stats.wasserstein_distance: %s', (_name, values, exact) => {
    const { distance = 0, bound = 0 } = found(values) ?? {}
    expect(Math.abs(distance - exact)).toBeLessThanOrEqual(bound)
    expect(bound).toBeGreaterThan(0)
  })

  test('a sample has none from itself, and no values have no distance', () => {
    expect(found(reference)?.distance).toBeCloseTo(0, 12)
    expect(found([])).toBeUndefined()
  })
})

describe('categories', () => {
  test('each whole number has a bin of its own, and others fall beside them', () => {
    const edges = categoryEdgesOf([1, 2, 2, 7, Number.NaN]) ?? []
    expect(edges).toEqual([1, 2, 3, 7, 8])
    expect(countsOf(edges, [0, 1, 2, 2, 5, 7, 9]).counts).toEqual([1, 1, 2, 1, 1, 1])
  })

  test('fractions, one value and many values are no categories', () => {
    expect(categoryEdgesOf([1, 1.5])).toBeUndefined()
    expect(categoryEdgesOf([3, 3, 3])).toBeUndefined()
    expect(categoryEdgesOf(Array.from({ length: 17 }, (_, at) => at))).toBeUndefined()
    expect(categoryEdgesOf(Array.from({ length: 16 }, (_, at) => at * 2))).toHaveLength(32)
  })
})
