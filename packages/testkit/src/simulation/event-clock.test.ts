import { expect, test } from 'vitest'
import { createEventClock } from './event-clock.ts'

const never = new AbortController().signal

test('time jumps to what is waited for, in order, and stands still between', async () => {
  const clock = createEventClock(1_000)
  const seen: string[] = []
  clock.after(50, () => seen.push(`late ${clock.nowMs()}`))
  void clock.sleep(20, never).then(async () => {
    seen.push(`slept ${clock.monotonicMs()}`)
    await clock.sleep(30, never)
    seen.push(`again ${clock.monotonicMs()}`)
  })
  clock.after(20, () => seen.push('same time, made later'))()
  while (await clock.next());
  expect(seen).toEqual(['slept 20', 'late 1050', 'again 50'])
})

test('who is aborted wakes at once, and leaves no event behind', async () => {
  const clock = createEventClock(0)
  const stop = new AbortController()
  const sleeping = clock.sleep(1_000, stop.signal)
  stop.abort(new Error('enough'))
  await expect(sleeping).rejects.toThrow('enough')
  await expect(clock.sleep(1, stop.signal)).rejects.toThrow('enough')
  expect([await clock.next(), clock.nowMs()]).toEqual([false, 0])
})

test('sleeping for no time needs no event', async () => {
  const clock = createEventClock(0)
  await clock.sleep(0, never)
  expect(await clock.next()).toBe(false)
})
