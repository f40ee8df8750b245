/** What devices say of their queues: what waits, and what is lost for ever. */
import { ConnectionStatus, type HubQueueStatus } from '@skerry/contract/connections/connection'
import type { Loss } from '@skerry/contract/sinks/sink-loss'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink, reportOf } from '../stage/test-device.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

const FIGURES = { valuesPerSecond: 0, rounds: 0, skipped: 0, crashes: 0 }
const LOSS: Loss = { lane: 'normal', reason: 'bytes', first: 1, last: 40, count: 40, fromMs: 1, toMs: 9 }
const SINK = ConnectionStatus.parse({
  kind: 'sink',
  name: 'disk',
  digest: `sha256:${'0'.repeat(64)}`,
  state: 'down',
  sinceMs: 1,
  figures: { ...FIGURES, lost: 41, waiting: 3, waitingBytes: 99, oldestMs: 5_000, losses: [LOSS] },
})
const HUB_QUEUE: HubQueueStatus = { state: 'up', sinceMs: 2, figures: { ...FIGURES, lost: 0, waiting: 0 } }

/** As agents said it before they told of losses. */
const OLD = { running: [{ ...SINK, figures: { ...FIGURES, lost: 1, waiting: 3 } }] }

type Shown = { running: unknown[]; hubQueue?: unknown; saidAtMs: number }
const shown = async (device: { name: string }, kind = 'sinks') =>
  (await hub.ask<Shown>('GET', `/v1/devices/${device.name}/${kind}`)).body

test('losses with their ranges and the queue for the hub are kept as the device says them, and forgotten when it does not', async () => {
  const device = await joinDevice(hub)
  using link = await openLink(hub, device)
  await link.client.report(reportOf())
  await link.client.held({ name: 'connections', held: { running: [SINK], hubQueue: HUB_QUEUE } })
  expect(await shown(device)).toMatchObject({ running: [SINK], hubQueue: HUB_QUEUE })
  expect(await shown(device, 'sources')).not.toHaveProperty('hubQueue')
  // Only the queue for the hub has changed.
  const down: HubQueueStatus = { ...HUB_QUEUE, state: 'down' }
  await link.client.held({ name: 'connections', held: { running: [SINK], hubQueue: down } })
  expect((await shown(device)).hubQueue).toEqual(down)
  await link.client.held({ name: 'connections', held: OLD })
  expect(await shown(device)).toMatchObject(OLD)
  expect(await shown(device)).not.toHaveProperty('hubQueue')
})
