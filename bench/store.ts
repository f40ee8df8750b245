/**
 * store: the hub's own write and read paths on SQLite and on PostgreSQL, in turn, so that other work of the machine
 * affects both. PostgreSQL is Debian's newest, on the same disk, flushing as SQLite does.
 */
import type { DeviceReport } from '@skerry/contract/devices/device-report'
import { newDatabase, startPostgres } from '@skerry/testkit/postgres-cluster'
import { appendAudit } from '../apps/hub/src/audit/audit-store.ts'
import { listDevices } from '../apps/hub/src/devices/device-store.ts'
import { storeReports } from '../apps/hub/src/link/reports/report-store.ts'
import { listChanges } from '../apps/hub/src/rollouts/member-store.ts'
import { addVersion, INTERVAL_MS } from '../apps/hub/test/stage/fleet/fleet-records.ts'
import { openFleet, type SimulatedFleet } from '../apps/hub/test/stage/simulated-fleet.ts'
import { INVENTORY } from '../apps/hub/test/stage/test-device.ts'
import { median } from './serve-parts/serve-latency.ts'

const ROUNDS = 40

/** As many reports as the hub stores in one transaction (report-flusher.ts). */
const BATCH = 64

const PAGE = 100

type Figures = {
  reportBatchMs: number
  auditAppendMs: number
  devicesPageMs: number
  changesPageMs: number
  waveMs: number
}

/** Runs the benchmark; a minute at 1,000 devices. */
export async function run({ devices }: { devices: number }): Promise<object> {
  await using cluster = await startPostgres()
  await using sqlite = await openFleet({})
  await using postgresql = await openFleet({ databaseUrl: await newDatabase(cluster.url) })
  const fleets = [sqlite, postgresql]
  const waves: number[] = []
  for (const fleet of fleets) waves.push(await waveOf(fleet, devices))
  const times = fleets.map(() => new Map<string, number[]>())
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, fleet] of fleets.entries()) {
      for (const [name, work] of Object.entries(paths)) {
        const tookMs = await timed(() => work(fleet, round))
        const known = times[index]?.get(name) ?? []
        times[index]?.set(name, [...known, tookMs])
      }
    }
  }
  const figuresOf = (index: number) =>
    ({
      ...Object.fromEntries([...(times[index] ?? [])].map(([name, all]) => [name, rounded(median(all))])),
      waveMs: rounded(waves[index] ?? 0),
    }) as Figures
  const first = figuresOf(0)
  const second = figuresOf(1)
  const ratio = Object.fromEntries(
    Object.entries(second).map(([name, ms]) => [name, rounded(ms / first[name as keyof Figures])]),
  )
  return { benchmark: 'store', devices, rounds: ROUNDS, sqlite: first, postgresql: second, ratio }
}

/**
 * Offers a version to all devices in one wave: each device's row changes, its document is derived, stored, and taken
 * from the queue.
 */
async function waveOf(fleet: SimulatedFleet, devices: number): Promise<number> {
  await fleet.addDevices(devices)
  await addVersion(fleet, { model: 'sensor', version: 1, opset: 17 })
  return timed(() => fleet.apply({ version: '1' }))
}

const paths: Record<Exclude<keyof Figures, 'waveMs'>, (fleet: SimulatedFleet, round: number) => Promise<unknown>> = {
  reportBatchMs: (fleet, round) => fleet.store.transaction((tx) => storeReports(tx, reportsOf(fleet, round))),
  auditAppendMs: (fleet) =>
    fleet.store.transaction((tx) =>
      appendAudit(tx, {
        organisationId: fleet.organisationId,
        atMs: fleet.clock.ms,
        result: 'ok',
        detail: {},
        actor: { kind: 'hub', id: '', name: 'hub' },
        action: 'bench.noted',
        object: { kind: 'bench', id: 'x' },
      }),
    ),
  devicesPageMs: (fleet) =>
    listDevices(fleet.store.db, { organisationId: fleet.organisationId, limit: PAGE, after: undefined }),
  async changesPageMs(fleet) {
    const { organisationId } = fleet
    const { id: rolloutId } = await fleet.rollout()
    await listChanges(fleet.store.db, { organisationId, rolloutId, limit: PAGE, after: { sequence: 0, deviceId: '' } })
  },
}

/** The next devices of the fleet, each with one item whose state changes every time. */
function reportsOf({ devices, clock }: SimulatedFleet, round: number) {
  return Array.from({ length: BATCH }, (_, index) => {
    const device = devices[(round * BATCH + index) % devices.length]
    if (!device) throw new Error('the fleet is empty')
    const report: DeviceReport = {
      v: 1,
      atMs: clock.ms,
      agentVersion: '0.1.0',
      bootId: 'boot-0001',
      observedGeneration: 0,
      lastGoodGeneration: 0,
      items: [],
      conditions: [],
      endpoints: {},
      inventory: INVENTORY,
    }
    return { deviceId: device.id, report, receivedAtMs: clock.ms + round, intervalMs: INTERVAL_MS }
  })
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}

const rounded = (value: number) => Math.round(value * 100) / 100
