import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHistogram } from './histogram.ts'

const histogramOf = (samples: number[]) => {
  const histogram = createHistogram()
  for (const sample of samples) histogram.record(sample)
  return histogram
}

test('has no percentile before the first sample', () => {
  expect(createHistogram().quantileUs(0.5)).toBeUndefined()
})

test('gives any percentile within 2.3 % of its sample', () => {
  const anySamples = fc.array(fc.double({ min: 1, max: 2 ** 31, noNaN: true }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(anySamples, fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1), (samples, share) => {
      const sorted = samples.toSorted((a, b) => a - b)
      const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
      const found = histogramOf(samples).quantileUs(share) ?? 0
      expect(Math.abs(found / exact - 1)).toBeLessThan(0.023)
    }),
  )
})

test('counts the samples at or below a power of two', () => {
  const histogram = histogramOf([0.2, 64, 64.1, 1_000, 1e12])
  expect([0, 6, 7, 10, 32].map((it) => histogram.countUpTo(it))).toEqual([1, 2, 3, 4, 5])
  expect([histogram.count(), histogram.sumUs()]).toEqual([5, 0.2 + 64 + 64.1 + 1_000 + 1e12])
})

test('the counts of a report have every sample once, in buckets with the same upper bounds', () => {
  const histogram = createHistogram()
  expect(histogram.counts()).toBeUndefined()
  for (const us of [0.5, 1, 1.1, 1.19, 1.2, 2, 1_000, 1_000, 2 ** 40]) histogram.record(us)
  const { first = -1, counts = [] } = histogram.counts() ?? {}
  expect([first, counts.length]).toEqual([0, 129])
  expect(Object.entries(counts).flatMap(([at, size]) => (size > 0 ? [[Number(at), size]] : []))).toEqual([
    [0, 2],
    [1, 1],
    [2, 2],
    [4, 1],
    [40, 2],
    [128, 1],
  ])
})
