import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countFailure, type Failures, FORGET_MS, isLockOut, lockedUntilMs } from './lock-out.ts'

const failures = (count: number, atMs = 0): Failures => ({ failures: count, failedAtMs: atMs })

test('four wrong ones cost nothing, the fifth half a minute, each further one twice as much, up to a quarter of an hour', () => {
  const waits = [0, 1, 4, 5, 6, 9, 10, 500].map((count) => lockedUntilMs(failures(count, 1_000), 1_000))
  expect(waits).toEqual([0, 0, 0, 31_000, 61_000, 481_000, 901_000, 901_000])
  expect([4, 5, 6].map((count) => isLockOut(failures(count)))).toEqual([false, true, false])
})

test('whoever guesses all day gets about a hundred tries', () => {
  let [known, nowMs, tries]: [Failures | undefined, number, number] = [undefined, 0, 0]
  while (nowMs < 86_400_000) {
    nowMs = Math.max(nowMs, lockedUntilMs(known, nowMs))
    known = countFailure(known, nowMs)
    tries += 1
  }
  expect(tries).toBeLessThan(110)
})

test('nobody waits for longer than a quarter of an hour, whatever the clock did, and a day forgets', () => {
  fc.assert(
    fc.property(fc.nat(1_000), fc.nat(2 ** 40), fc.nat(2 ** 40), (count, atMs, nowMs) => {
      const untilMs = lockedUntilMs(failures(count, atMs), nowMs)
      expect(untilMs === 0 || untilMs - nowMs <= 2 * 900_000).toBe(true)
      if (nowMs - atMs >= FORGET_MS) expect(untilMs).toBe(0)
    }),
  )
  expect(countFailure(failures(9), FORGET_MS)).toEqual(failures(1, FORGET_MS))
})
