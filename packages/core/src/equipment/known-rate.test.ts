import { expect, test } from 'vitest'
import { knownRate } from './known-rate.ts'

test.each([
  ['of the first report', { valuesPerSecond: 0 }, 1_000, 'unknown'],
  ['of a later report', { valuesPerSecond: 0 }, 61_000, 0],
  ['that is already known', { valuesPerSecond: 4 }, 1_000, 4],
  ['of a report without a time', { valuesPerSecond: 0 }, undefined, 0],
  ['that is not reported', undefined, 1_000, undefined],
])('a rate %s is what is known', (_, figures, saidAtMs, rate) => {
  expect(knownRate({ sinceMs: 0, figures }, saidAtMs)).toBe(rate)
})
