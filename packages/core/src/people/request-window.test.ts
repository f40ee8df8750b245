import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type RequestWindow, usedIn, waitMs, windowAt } from './request-window.ts'

/** Asks at each instant, and counts what is let through. */
function ask(instants: readonly number[], max: number): number[] {
  let window: RequestWindow | undefined
  const let_in: number[] = []
  for (const atMs of instants) {
    window = windowAt(window, atMs)
    if (waitMs(window, max, atMs) > 0) continue
    window = { ...window, count: window.count + 1 }
    let_in.push(atMs)
  }
  return let_in
}

const instants = fc
  .array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 200 })
  .map((all) => all.toSorted((a, b) => a - b))

test('never more than the quota within one minute of the clock, and never more than twice within any', () => {
  fc.assert(
    fc.property(instants, fc.integer({ min: 1, max: 50 }), (all, max) => {
      const passed = ask(all, max)
      for (const start of passed) {
        expect(passed.filter((at) => at >= start && at < start + 60_000).length).toBeLessThanOrEqual(2 * max)
        const minute = Math.floor(start / 60_000)
        expect(passed.filter((at) => Math.floor(at / 60_000) === minute).length).toBeLessThanOrEqual(max)
      }
    }),
  )
})

test('whoever waits as long as is said is let in, and not much sooner', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 500 }),
      fc.integer({ min: 0, max: 500 }),
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 0, max: 59_999 }),
      (count, before, max, nowMs) => {
        const window = windowAt({ minute: 0, count: Math.min(count, max), before: Math.min(before, max) }, nowMs)
        const wait = waitMs(window, max, nowMs)
        const laterMs = nowMs + wait
        expect(waitMs(windowAt(window, laterMs), max, laterMs)).toBeLessThanOrEqual(1)
        expect(usedIn(windowAt(window, laterMs), laterMs)).toBeLessThanOrEqual(max)
      },
    ),
  )
})

test('after two minutes nothing is left', () => {
  const window = { minute: 0, count: 7, before: 3 }
  expect(usedIn(windowAt(window, 60_000), 60_000)).toBe(7)
  expect(usedIn(windowAt(window, 90_000), 90_000)).toBe(3.5)
  expect(usedIn(windowAt(window, 120_000), 120_000)).toBe(0)
})
