import { DeviceSettings } from '@skerry/contract/settings/device-settings'
import { expect, test } from 'vitest'
import { budgetVerdict, bytesGranted, dayOf, fetchedToday, rateAt, siteBudgetSpent } from './download-limits.ts'

const at = (text: string) => Date.parse(text)

test('a budget is spent with its last byte, and the next day has another', () => {
  const limits = { mbPerDay: 2, rates: [] }
  const nowMs = at('2026-11-30T18:00:00Z')
  const day = dayOf(nowMs)
  expect(budgetVerdict(limits, { day, bytes: 1_999_999 }, nowMs)).toEqual({ isSpent: false })
  expect(budgetVerdict(limits, { day, bytes: 2_000_000 }, nowMs)).toEqual({
    isSpent: true,
    message: 'the device has fetched its 2 MB of this day; it continues at 2026-12-01 00:00 UTC',
    waitMs: 6 * 3_600_000,
  })
  expect(budgetVerdict({ rates: [] }, { day, bytes: 1e12 }, nowMs)).toEqual({ isSpent: false })
  expect(fetchedToday({ day, bytes: 5 }, nowMs)).toEqual({ day, bytes: 5 })
  expect(fetchedToday({ day, bytes: 5 }, nowMs + 6 * 3_600_000)).toEqual({ day: day + 1, bytes: 0 })
})

test('a clock that goes back over midnight gives no second budget, and a wrong year stops nothing', () => {
  const nowMs = at('2026-11-30T23:59:00Z')
  const known = { day: dayOf(nowMs) + 1, bytes: 7 }
  expect(fetchedToday(known, nowMs)).toEqual(known)
  expect(fetchedToday({ day: dayOf(nowMs) + 3_650, bytes: 7 }, nowMs)).toEqual({ day: dayOf(nowMs), bytes: 0 })
  expect(fetchedToday(undefined, nowMs)).toEqual({ day: dayOf(nowMs), bytes: 0 })
})

test('the first rate whose hours it is counts, by the clock of its time zone', () => {
  const rates = ['06:00-22:00 Europe/Berlin 256 kB/s', '22:00-02:00 Europe/Berlin 1000 kB/s']
  const rate = (text: string) => rateAt({ rates }, at(text))
  expect(rate('2026-07-01T04:00:00Z')).toBe(256_000)
  expect(rate('2026-07-01T03:59:00Z')).toBeUndefined()
  expect(rate('2026-12-01T04:59:00Z')).toBeUndefined()
  expect(rate('2026-12-01T05:00:00Z')).toBe(256_000)
  expect(rate('2026-12-01T21:00:00Z')).toBe(1_000_000)
  expect(rate('2026-12-01T00:59:00Z')).toBe(1_000_000)
  expect(rateAt({ rates: ['00:00-24:00 UTC 8 kB/s'] }, at('2026-12-01T23:59:00Z'))).toBe(8_000)
  expect(rateAt({ rates: ['00:00-24:00 Nowhere/Else 8 kB/s'] }, 0)).toBeUndefined()
})

test.each([
  '06:00-25:00 UTC 9 kB/s',
  '06:00-22:00 256 kB/s',
  '06:00-22:00 Nowhere/Else 9 kB/s',
  '06:00-22:00 UTC 7 kB/s',
])('a rate that cannot be followed is rejected: %s', (text) => {
  expect(DeviceSettings.safeParse({ downloadRates: [text] }).success).toBe(false)
})

test('the budget of a site ends with its bytes, and begins again with the day', () => {
  const noonMs = Date.UTC(2026, 10, 30, 12)
  const today = Math.floor(noonMs / 86_400_000)
  expect(siteBudgetSpent(2, undefined, noonMs)).toBeUndefined()
  expect(siteBudgetSpent(2, { day: today, bytes: 1_999_999 }, noonMs)).toBeUndefined()
  expect(siteBudgetSpent(2, { day: today, bytes: 2_000_000 }, noonMs)).toEqual({
    message: 'the devices of the site have fetched its 2 MB of this day; they continue at 2026-12-01 00:00 UTC',
    retryAfterMs: 300_000,
  })
  expect(siteBudgetSpent(2, { day: today, bytes: 2_000_000 }, noonMs + 12 * 3_600_000)).toBeUndefined()
  expect([bytesGranted(2, 0, 5_000_000), bytesGranted(2, 1_500_000, 100), bytesGranted(2, 3_000_000, 1)]).toEqual([
    2_000_000, 100, 0,
  ])
})
