import type { DeviceReport } from '@skerry/contract/devices/device-report'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { expect, test, vi } from 'vitest'
import { openFleet } from '../../../test/stage/simulated-fleet.ts'
import { INVENTORY } from '../../../test/stage/test-device.ts'
import { createMetrics } from '../../metrics.ts'
import { createReportFlusher } from './report-flusher.ts'

const report: DeviceReport = {
  v: 1,
  atMs: 0,
  agentVersion: '0.1.0',
  bootId: 'boot-0001',
  observedGeneration: 0,
  lastGoodGeneration: 0,
  items: [],
  conditions: [],
  endpoints: {},
  inventory: INVENTORY,
}

test('the first report is stored at once, close ones behind it together, and no timer is set into the past', async () => {
  await using fleet = await openFleet()
  const [one, two, three] = await fleet.addDevices(3)
  if (!one || !two || !three) throw new Error('there are three')
  const waits: number[] = []
  const due = new Set<() => void>()
  const timer = (work: () => void, ms: number) => {
    waits.push(ms)
    due.add(work)
    return { callOff: () => void due.delete(work) }
  }
  const hub = { ...fleet.hub, metrics: createMetrics() } as never
  await using flusher = createReportFlusher(hub, timer)
  const fire = () => {
    for (const work of due) work()
    due.clear()
  }
  const first = flusher.submit(one.id, { report, unread: [] }, 60_000)
  expect(waits).toEqual([0])
  fire()
  const others = [
    flusher.submit(two.id, { report, unread: [] }, 60_000),
    flusher.submit(three.id, { report, unread: [] }, 60_000),
  ]
  await first
  await vi.waitFor(() => expect(waits).toHaveLength(2), PATIENCE_MS)
  expect(waits[1]).toBeGreaterThan(0)
  fire()
  await Promise.all(others)
  expect(flusher.waiting()).toBe(0)
})
