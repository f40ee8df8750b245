import { expect, test } from 'vitest'
import { type IdleDeps, openIdleWatch } from './idle-watch.ts'

/** A device whose state follows the time. */
function device(changes: Partial<IdleDeps> = {}, requestsAt: (ms: number) => number = () => 0) {
  let nowMs = 0
  const clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    async sleep(ms: number) {
      nowMs += ms
    },
  }
  const deps: IdleDeps = {
    clock,
    loaded: () => [{ stats: { requests: requestsAt(nowMs), failures: 0 } }],
    items: () => [],
    locks: async () => [],
    ...changes,
  }
  const { signal } = new AbortController()
  return { clock, open: () => openIdleWatch(deps, 20_000, signal) }
}

test('a device without requests is idle after some seconds, and busy from its next request on', async () => {
  let requests = 5
  const { clock, open } = device({}, () => requests)
  const watch = await open()
  expect(clock.monotonicMs()).toBe(3_000)
  expect(watch.isBusy()).toBe(false)
  requests += 1
  expect(watch.isBusy()).toBe(true)
  requests -= 1
  expect(watch.isBusy(), 'it stays busy').toBe(true)
})

test('a runner that starts again counts as busy, and a device without one is idle', async () => {
  const { open } = device({ loaded: () => undefined })
  expect((await open()).isBusy()).toBe(false)
})

test('it waits while requests come, and gives up when the time is over', async () => {
  const waited = device({}, (ms) => Math.min(ms, 8_000))
  await waited.open()
  expect(waited.clock.monotonicMs()).toBe(11_000)
  await expect(device({}, (ms) => ms).open()).rejects.toMatchObject({ code: 'bench_busy' })
})

test('an update lock of an application holds it', async () => {
  const { open } = device({ locks: async () => [{ name: 'press', reason: 'in a cycle' }] })
  await expect(open()).rejects.toMatchObject({ code: 'update_locked', message: expect.stringContaining('in a cycle') })
})

test('a shut install window of an item holds it', async () => {
  // A window of ten minutes at four in the morning; the test begins at midnight of 1970.
  const install = { cron: '0 4 * * *', durationSeconds: 600, timeZone: 'UTC' }
  const { open } = device({ items: () => [{ name: 'reader', window: { install } }] })
  await expect(open()).rejects.toMatchObject({ code: 'window_waits', message: expect.stringContaining('reader') })
})
