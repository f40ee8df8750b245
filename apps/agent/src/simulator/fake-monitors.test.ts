/** Fake monitors: a device that holds a monitor sends a window for each watched version, and each number once. */
import type { MonitorsDocument } from '@skerry/contract/held/monitors'
import type { TelemetryBatch } from '@skerry/contract/hub/telemetry'
import { MonitorWindow } from '@skerry/contract/monitors/profile'
import { DeviceId } from '@skerry/contract/values/ids'
import { fakeDigest } from '@skerry/testkit/simulation/desired-item'
import { createEventClock } from '@skerry/testkit/simulation/event-clock'
import { expect, test } from 'vitest'
import { createFakeMonitors, newWatchingFigures } from './fake-monitors.ts'
import { randomStream } from './random-stream.ts'

const WINDOW_MS = 60_000

const watch = (version: number) => ({
  model: 'm',
  version,
  profile: fakeDigest(9),
  windowMs: WINDOW_MS,
  features: [{ feature: 'x', side: 'input' as const, tensor: 'x', edges: [0, 1, 2] }],
})

const monitorsDocument = (revision: number, versions: readonly number[]): MonitorsDocument => ({
  v: 1,
  deviceId: DeviceId.parse('dev_aaaaaaaa'),
  revision: fakeDigest(revision),
  watches: versions.map(watch),
})

test('windows are numbered without gaps, also over a lost answer, and stop with the monitor', async () => {
  const clock = createEventClock(1_800_000_000_000)
  const figures = newWatchingFigures()
  const random = randomStream(1, 'device')
  const { held, telemetry, run } = createFakeMonitors({ clock, random, requestsPerSecond: 2, figures })
  const batches: TelemetryBatch[] = []
  const stop = new AbortController()
  let isLost = false
  const client = {
    async telemetry(batch: TelemetryBatch) {
      batches.push(batch)
      if (isLost) throw new Error('the link broke')
      return { last: batch.first + batch.values.length - 1 }
    },
  }
  telemetry.use(client, stop.signal)
  const running = run(stop.signal).catch(() => 'ended')
  const pass = async (ms: number) => {
    const untilMs = clock.monotonicMs() + ms
    while (clock.monotonicMs() < untilMs) await clock.next()
  }
  const passUntil = async (count: number) => {
    while (batches.length < count) await clock.next()
  }

  await pass(WINDOW_MS)
  expect([held.held(), batches.length, figures.watching]).toEqual([{}, 0, 0])

  await held.take(monitorsDocument(1, [3, 4]), stop.signal)
  expect([held.held(), figures.watching]).toEqual([{ revision: fakeDigest(1) }, 1])
  await passUntil(1)
  isLost = true
  await passUntil(2)
  isLost = false
  await passUntil(3)
  expect(batches.map(({ first }) => first)).toEqual([1, 3, 3])
  expect(figures).toMatchObject({ windows: 4, windowsUnsent: 1 })
  const [value] = batches[0]?.values ?? []
  const window = MonitorWindow.parse(JSON.parse(String(value && 'value' in value ? value.value : '')))
  expect(window).toMatchObject({ version: 3, rows: 120, features: [{ counts: [120, 0, 0, 0] }] })

  await held.take(monitorsDocument(2, []), stop.signal)
  expect(figures.watching).toBe(0)
  await pass(2 * WINDOW_MS)
  expect(batches.length).toBe(3)
  stop.abort()
  expect(await running).toBe('ended')
})
