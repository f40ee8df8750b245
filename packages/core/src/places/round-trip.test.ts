import { expect, test } from 'vitest'
import { isRoundTripNews, latencyStep, roundTripOf, withPing } from './round-trip.ts'

test('the least of the last ten pings counts, as soon as there are three', () => {
  expect(roundTripOf([900, 12])).toBeUndefined()
  expect(roundTripOf([900, 12, 14])).toBe(12)
  let pings: number[] = []
  for (let ms = 1; ms <= 12; ms++) pings = withPing(pings, ms)
  expect(pings).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  expect(roundTripOf(pings)).toBe(3)
})

test('small changes are no news', () => {
  expect(isRoundTripNews(undefined, 3)).toBe(true)
  expect([isRoundTripNews(1, 3), isRoundTripNews(1, 3.1)]).toEqual([false, true])
  expect([isRoundTripNews(100, 125), isRoundTripNews(100, 126), isRoundTripNews(100, 74)]).toEqual([false, true, true])
})

test('devices in one network are equally near', () => {
  expect([0.2, 1.4, 20].map(latencyStep)).toEqual([20, 20, 20])
  expect([20.1, 140, 31_000].map(latencyStep)).toEqual([50, 200, 60_000])
})
