import type { DeviceReport } from '@skerry/contract/devices/device-report'
import { DeviceId } from '@skerry/contract/values/ids'
import { fakeDigest } from '@skerry/testkit/simulation/desired-item'
import { createEventClock } from '@skerry/testkit/simulation/event-clock'
import { expect, test } from 'vitest'
import type { connectLink } from '../link/link-connection.ts'
import type { LinkClient } from '../link/signed-streams.ts'
import { simulatedInventory } from './fleet.ts'
import { createFigures } from './fleet-figures.ts'
import { createGate } from './gate.ts'
import { createMemoryStore } from './memory-store.ts'
import { randomStream } from './random-stream.ts'
import { createSimulatedDevice } from './simulated-device.ts'

const deviceId = DeviceId.parse('dev_aaaaaaaa')

/** A hub that hears everything and wants nothing. */
function listener(nowMs: () => number) {
  const heard: DeviceReport[] = []
  const connect: typeof connectLink = async () => {
    const closed = new AbortController()
    const client = {
      async report(report: DeviceReport) {
        heard.push(report)
        return { nextReportMs: 10_000, hubTimeMs: nowMs(), generation: 0 }
      },
      async *desired(_: object, { signal }: { signal: AbortSignal }) {
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        yield
      },
    }
    const connection = {
      client: client as unknown as LinkClient,
      closed: closed.signal,
      reason: () => undefined,
      [Symbol.dispose]: () => closed.abort(),
    }
    return { ok: true, connection }
  }
  return { heard, connect }
}

test('a device that reboots is another boot each time, and has what it wrote down before', async () => {
  const clock = createEventClock(1_800_000_000_000)
  const { heard, connect } = listener(clock.nowMs)
  const store = createMemoryStore(clock, new Map())
  store.saveDocument({ v: 1, deviceId, generation: 7, digest: fakeDigest(1), items: [] })
  const device = createSimulatedDevice(
    {
      behaviour: 'rebooting',
      random: randomStream(1, 'device'),
      inventory: simulatedInventory(0),
      store,
      membership: { deviceId, name: 'sim-0', certificate: '', privateKey: '', index: 0 },
    },
    {
      hub: 'https://hub',
      ca: '',
      trustedKeys: [],
      clock,
      figures: createFigures(),
      gate: createGate(1),
      connect,
      shared: new Map(),
      requestsPerSecond: 0,
      takesJobs: false,
      fails: () => false,
      signatureProblem: () => undefined,
    },
  )
  const stop = new AbortController()
  const running = device.run(() => {}, stop.signal)
  while (clock.monotonicMs() < 600_000) await clock.next()
  stop.abort()
  await running
  const boots = new Set(heard.map(({ bootId }) => bootId))
  expect([boots.size > 4, boots.size < 25]).toEqual([true, true])
  expect(new Set(heard.map(({ observedGeneration }) => observedGeneration))).toEqual(new Set([7]))
})
