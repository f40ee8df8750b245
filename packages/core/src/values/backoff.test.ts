import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

test('doubles up to the cap', () => {
  const waits = [0, 1, 2, 3, 4, 5, 6].map((attempt) => backoffMs(attempt, { baseMs: 100, maxMs: 2000 }, 0.5))
  expect(waits).toEqual([50, 100, 200, 400, 800, 1000, 1000])
})

test('stays between nothing and the cap, however often it is asked', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 1, max: 1e6 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, baseMs, random) => {
        const waitMs = backoffMs(attempt, { baseMs, maxMs: 300_000 }, random)
        expect(waitMs).toBeGreaterThanOrEqual(0)
        expect(waitMs).toBeLessThan(300_000)
      },
    ),
  )
})
