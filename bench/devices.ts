/**
 * devices: the cost of the list of devices for the hub, on SQLite: its pages without a filter, with a selector and with
 * words. Each device has two models. Every figure is the time of all pages of the list.
 */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { type DeviceWish, pickDevices } from '../apps/hub/src/devices/device-list.ts'
import { openFleet, type SimulatedFleet } from '../apps/hub/test/stage/simulated-fleet.ts'
import { median } from './serve-parts/serve-latency.ts'

const ROUNDS = 7
const PAGE = 500

const lists: Readonly<Record<string, Partial<DeviceWish>>> = {
  allMs: {},
  selectorNoneMs: { selector: 'site.name == "nowhere"' },
  selectorAllMs: { selector: 'device.labels.line == "1"' },
  wordOwnFieldNoneMs: { filter: 'site:nowhere' },
  wordNoneMs: { filter: 'nowhere' },
  wordAllMs: { filter: 'plant' },
  wordModelAllMs: { filter: 'model:sensor:1' },
  wordHealthNoneMs: { filter: 'health:failed' },
}

/** Runs the benchmark; a minute at 10,000 devices. */
export async function run({ devices }: { devices: number }): Promise<object> {
  await using fleet = await openFleet({})
  await fillFleet(fleet, devices)
  const times = new Map<string, number[]>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, wish] of Object.entries(lists)) {
      const tookMs = await timed(() => allPages(fleet, wish))
      times.set(name, [...(times.get(name) ?? []), tookMs])
    }
  }
  const figures = Object.fromEntries([...times].map(([name, all]) => [name, Math.round(median(all))]))
  return { benchmark: 'devices', devices, rounds: ROUNDS, ...figures, longestTurnMs: await longestTurn(fleet) }
}

async function fillFleet(fleet: SimulatedFleet, devices: number): Promise<void> {
  for (const model of ['sensor', 'other']) await fleet.addVersion(model, 1)
  await fleet.addDevices(devices, { labels: { line: '1' } })
  for (const model of ['sensor', 'other']) {
    await fleet.apply({ name: model, deployable: model, version: '1', probation: { seconds: 0 } })
  }
  await fleet.report(fleet.devices, () => 'active')
}

async function allPages(fleet: SimulatedFleet, wish: Partial<DeviceWish>): Promise<number> {
  const { organisationId, clock, store } = fleet
  const query = {
    organisationId: organisationId satisfies OrganisationId,
    nowMs: clock.ms,
    hubs: new Set<string>(),
    scope: undefined,
  }
  let after: string | undefined
  let found = 0
  while (true) {
    const rows = await pickDevices(store.db, { ...query, limit: PAGE, after, ...wish })
    found += Math.min(rows.length, PAGE)
    if (rows.length <= PAGE) return found
    after = rows[PAGE - 1]?.row.name
  }
}

/** The longest time for which another request waits while a filter reads the fleet. */
async function longestTurn(fleet: SimulatedFleet): Promise<number> {
  let last = performance.now()
  let longestMs = 0
  const timer = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - last)
    last = performance.now()
  }, 1)
  await allPages(fleet, { filter: 'nowhere' })
  clearInterval(timer)
  return Math.round(longestMs)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}
