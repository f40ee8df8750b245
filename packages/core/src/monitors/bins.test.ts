/** Bins: edges of equal shares, counts that add up, and distances that agree with SciPy. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { binOf, countsOf, deviationOf, edgesOf, mergeCounts } from './bins.ts'
import { jensenShannon, kolmogorovSmirnov, stabilityIndex } from './distance.ts'

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 })

describe('edges', () => {
  test('a hundred values have nine edges, with ten in each bin', () => {
    const hundred = Array.from({ length: 100 }, (_, at) => at)
    expect(edgesOf(hundred)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90])
    expect(countsOf(edgesOf(hundred), hundred).counts).toEqual(Array.from({ length: 10 }, () => 10))
  })

  test('values that repeat have fewer edges, and one value has none', () => {
    expect(edgesOf([0, 0, 0, 0, 1, 1])).toEqual([1])
    expect(edgesOf([7, 7, 7])).toEqual([])
    expect(edgesOf([])).toEqual([])
    expect(edgesOf([Number.NaN, 1, 2])).toEqual([2])
  })

  test('edges increase, and each bin but the outer ones holds a value of the reference', () => {
    fc.assert(
      fc.property(values, (all) => {
        const edges = edgesOf(all)
        expect(edges.toSorted((a, b) => a - b)).toEqual(edges)
        expect(countsOf(edges, all).counts.every((count) => count > 0)).toBe(true)
      }),
    )
  })
})

describe('counts', () => {
  test('a value at an edge belongs to the bin above it', () => {
    expect([0.9, 1, 1.5, 2, 99].map((value) => binOf([1, 2], value))).toEqual([0, 1, 1, 2, 2])
  })

  test('NaN and infinities are missing, and have no part in the moments', () => {
    const found = countsOf([1], [0, 2, Number.NaN, Number.POSITIVE_INFINITY])
    expect(found).toMatchObject({ counts: [1, 1], missing: 2, moments: { n: 2, mean: 1, min: 0, max: 2 } })
    expect(found.moments && deviationOf(found.moments)).toBe(1)
    expect(countsOf([1], [Number.NaN])).toEqual({ counts: [0, 0], missing: 1 })
  })

  test('the sum of two is that of all values, in either order', () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const edges = edgesOf(a)
        const [one, two, three] = [a, b, c].map((part) => countsOf(edges, part))
        if (!one || !two || !three) throw new Error('three parts')
        const all = countsOf(edges, [...a, ...b, ...c])
        for (const sum of [
          mergeCounts(mergeCounts(one, two), three),
          mergeCounts(one, mergeCounts(two, three)),
          mergeCounts(three, mergeCounts(two, one)),
        ]) {
          expect(sum.counts).toEqual(all.counts)
          expect(sum.moments?.n).toBe(all.moments?.n)
          expect(sum.moments?.mean).toBeCloseTo(all.moments?.mean ?? 0, 6)
          const [got, want] = [sum.moments?.squares ?? 0, all.moments?.squares ?? 0]
          expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-9 * Math.max(1, want))
        }
      }),
    )
  })
})

describe('distances', () => {
  const reference = [10, 20, 30, 40]
  const current = [40, 30, 20, 10]

  test('two equal distributions have none, whatever their sizes', () => {
    for (const measure of [stabilityIndex, jensenShannon, kolmogorovSmirnov]) {
      expect(measure(reference, [1, 2, 3, 4])).toBeCloseTo(0, 12)
      expect(measure(reference, [0, 0, 0, 0])).toBeUndefined()
      expect(measure([0, 0, 0, 0], current)).toBeUndefined()
    }
  })

  test('they agree with SciPy', () => {
    // scipy.spatial.distance.jensenshannon(p, q) of SciPy 1.15.3
    expect(jensenShannon(reference, current)).toBeCloseTo(0.32625164411267443, 12)
    // scipy.stats.ks_2samp of samples with these counts
    expect(kolmogorovSmirnov(reference, current)).toBeCloseTo(0.4, 12)
    // numpy.sum((q - p) * numpy.log(q / p))
    expect(stabilityIndex(reference, current)).toBeCloseTo(0.9128696382935674, 12)
  })

  test('an empty bin makes the index large, not infinite', () => {
    expect(stabilityIndex([50, 50], [100, 0])).toBeCloseTo(0.5 * Math.log(2) + 0.4999 * Math.log(5_000), 12)
  })
})
