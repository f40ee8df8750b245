import { systemClock } from '@skerry/platform/process/clock'
import { expect, test } from 'vitest'
import { createWakeUp } from './wake-up.ts'

const HOUR_MS = 3_600_000
const never = new AbortController().signal

test('wakes a sleeper', async () => {
  const wakeUp = createWakeUp(systemClock)
  const slept = wakeUp.wait(HOUR_MS, never)
  wakeUp.wake()
  await slept
})

test('what happened while nobody slept is not lost, and counts once', async () => {
  const wakeUp = createWakeUp(systemClock)
  wakeUp.wake()
  wakeUp.wake()
  await wakeUp.wait(HOUR_MS, never)
  const stop = new AbortController()
  const second = wakeUp.wait(HOUR_MS, stop.signal)
  stop.abort(new Error('stopped'))
  await expect(second).rejects.toThrow()
})

test('wakes by itself when the time is over', async () => {
  await createWakeUp(systemClock).wait(0, never)
})
