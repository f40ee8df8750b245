import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isDueForRenewal } from './certificate-life.ts'

const year = { notBeforeMs: 1000, notAfterMs: 31_000 }

test.each([
  ['before it counts', 0, false],
  ['young', 1000, false],
  ['just under two thirds', 20_999, false],
  ['at two thirds', 21_000, true],
  ['expired', 99_000, true],
])('%s', (_, nowMs, isDue) => expect(isDueForRenewal(year, nowMs)).toBe(isDue))

test('a fleet that joined on one day renews over twelve, evenly, and each while its certificate still counts for months', () => {
  const dayMs = 86_400_000
  const life = { notBeforeMs: 0, notAfterMs: 365 * dayMs }
  const devices = Array.from({ length: 1_200 }, (_, index) => index / 1_200)
  const dueOn = devices.map((jitter) => {
    let day = 0
    while (!isDueForRenewal(life, day * dayMs, jitter)) day += 1
    return day
  })
  const perDay = [...new Set(dueOn)].map((day) => dueOn.filter((each) => each === day).length)
  expect([Math.min(...dueOn), Math.max(...dueOn)]).toEqual([244, 256])
  expect(Math.max(...perDay)).toBeLessThan(110)
})

test('whatever the jitter, it is due once, stays so, and is so well before the end', () => {
  const jitters = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(fc.integer({ min: 60_000, max: 4e10 }), jitters, (lifeMs, jitter) => {
      const life = { notBeforeMs: 1_000, notAfterMs: 1_000 + lifeMs }
      const at = (share: number) => isDueForRenewal(life, 1_000 + lifeMs * share, jitter)
      expect([at(0.66), at(0.71), at(1), at(2)]).toEqual([false, true, true, true])
    }),
  )
})
