import { expect, test } from 'vitest'
import { systemClock } from './clock.ts'

test('sleeps, and wakes at once when told to stop', async () => {
  const before = systemClock.monotonicMs()
  await systemClock.sleep(5, new AbortController().signal)
  expect(systemClock.monotonicMs() - before).toBeGreaterThan(3)
  const stop = new AbortController()
  const sleeping = systemClock.sleep(60_000, stop.signal)
  stop.abort()
  await expect(sleeping).rejects.toThrow(/abort/i)
  await expect(systemClock.sleep(0, stop.signal)).rejects.toThrow(/abort/i)
})

test('a sleep of a year does not end at once, though a timer cannot hold it', async () => {
  const stop = new AbortController()
  const year = systemClock.sleep(365 * 86_400_000, stop.signal).then(
    () => 'woke',
    () => 'stopped',
  )
  const first = await Promise.race([year, systemClock.sleep(20, new AbortController().signal)])
  stop.abort()
  expect([first, await year]).toEqual([undefined, 'stopped'])
})
