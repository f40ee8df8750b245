import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHistogram } from './histogram.ts'

test('an empty histogram has no quantiles', () => {
  expect(createHistogram().quantile(0.5)).toBeUndefined()
})

test('a quantile is accurate to 5 %', () => {
  const milliseconds = fc.array(fc.double({ min: 0.1, max: 1e6, noNaN: true }), { minLength: 1 })
  fc.assert(
    fc.property(milliseconds, fc.constantFrom(0.01, 0.5, 0.99, 1), (values, share) => {
      const histogram = createHistogram()
      for (const value of values) histogram.add(value)
      const sorted = values.toSorted((a, b) => a - b)
      const exact = sorted[Math.max(1, Math.ceil(values.length * share)) - 1] ?? Number.NaN
      const found = histogram.quantile(share) ?? Number.NaN
      expect(found).toBeGreaterThanOrEqual(exact * 0.99 - 0.01)
      expect(found).toBeLessThanOrEqual(exact * 1.06 + 0.01)
      expect(histogram.count()).toBe(values.length)
    }),
  )
})
