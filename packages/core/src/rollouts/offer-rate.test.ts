import { expect, test } from 'vitest'
import { type Pace, paceAfter, roomNow } from './offer-rate.ts'

test('what was offered late in a second counts until sixty seconds after that second', () => {
  const pace = paceAfter([], 999, 1)
  expect(pace).toEqual([[0, 1]])
  // From 999 to 60,998 is less than a minute.
  expect(roomNow(1, pace, 60_998)).toBe(0)
  expect(roomNow(1, pace, 61_000)).toBe(1)
})

test('at any instant of many minutes, the sixty seconds before it have seen no more than the rate', () => {
  let pace: Pace = []
  const offers: number[] = []
  // Whoever asks at every odd moment is offered what there is.
  for (let nowMs = 0; nowMs < 400_000; nowMs += 337) {
    const room = roomNow(5, pace, nowMs)
    if (room > 0) pace = paceAfter(pace, nowMs, room)
    for (let left = room; left > 0; left--) offers.push(nowMs)
    expect(offers.filter((atMs) => atMs > nowMs - 60_000).length).toBeLessThanOrEqual(5)
  }
  expect(offers.length).toBeGreaterThan(25)
})
