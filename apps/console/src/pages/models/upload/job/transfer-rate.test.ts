import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addSample, rateOf, type Sample } from './transfer-rate.ts'

const after = (...samples: Sample[]) => samples.reduce<Sample[]>(addSample, [])

test('says what moves in a second, over the last of time', () => {
  expect(rateOf(after({ atMs: 0, bytes: 0 }))).toBeUndefined()
  expect(rateOf(after({ atMs: 0, bytes: 0 }, { atMs: 2_000, bytes: 4_000 }))).toBe(2_000)
  const slower = after({ atMs: 0, bytes: 0 }, { atMs: 10_000, bytes: 1e6 }, { atMs: 24_000, bytes: 1e6 + 14_000 })
  expect(rateOf(slower)).toBe(1_000)
})

test('what stands still, or begins again, has no rate', () => {
  expect(rateOf(after({ atMs: 0, bytes: 5 }, { atMs: 1_000, bytes: 5 }))).toBeUndefined()
  expect(rateOf(after({ atMs: 0, bytes: 5_000 }, { atMs: 1_000, bytes: 0 }))).toBeUndefined()
})

test('is never negative or infinite, and keeps no more than the window', () => {
  const anySample = fc.record({ atMs: fc.nat(60_000), bytes: fc.nat(1e9) })
  fc.assert(
    fc.property(fc.array(anySample, { maxLength: 30 }), (list) => {
      const samples = after(...list.toSorted((a, b) => a.atMs - b.atMs))
      const rate = rateOf(samples)
      expect(rate === undefined || (rate > 0 && Number.isFinite(rate))).toBe(true)
      expect((samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0)).toBeLessThanOrEqual(15_000)
    }),
  )
})
