/**
 * Traffic sweep: adds up the requests of the models of each device, from the counters in its reports. Devices send
 * nothing more for it, and a lost or repeated report changes no sum.
 */
import type { ServingStats } from '@skerry/contract/devices/item'
import { kinds, VersionKind } from '@skerry/contract/kinds/kinds'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { bucketsOf, latencyAt } from '@skerry/core/traffic/counts'
import { type Growth, growthOf, type NewCounters, type ReportedCounters } from '@skerry/core/traffic/growth'
import { DEVICE_STEP_MS, FLEET_STEP_MS, partsOf } from '@skerry/core/traffic/parts'
import { sql } from 'kysely'
import type { Hub } from '../hub.ts'
import { fromJson } from '../store/json-column.ts'
import { piecesOf } from '../store/many-rows.ts'
import type { Tx } from '../store/store.ts'
import { addParts, countColumns, countsIn, type OwnedPart } from './part-store.ts'
import { exportTraffic } from './traffic-metrics.ts'

/** Reports come each minute. This is the shortest part of a sum, so that a device costs the same however often it reports. */
const AGAIN_MS = FLEET_STEP_MS

/** A version that has just begun is followed more closely: people look at a rollout while it goes on. */
const BEGINNING_MS = 600_000

/** Some 20 ms of the single writer, for which all others wait. */
const ITEMS_AT_ONCE = 100

/**
 * The models of a device that have a series of their own, the first by name. Each has 96 rows a day and some 730 at
 * rest, so that 10,000 devices with one model each have 7 million rows. The sums of all devices have every model.
 */
export const DEVICE_MODELS_MAX = 16

/** Of fewer requests, the slowest one is the p95. */
const SLOWEST_REQUESTS_MIN = 20

const SERVING = VersionKind.options.filter((kind) => kinds[kind].serves)

type SweptHub = Pick<Hub, 'store' | 'clock' | 'signal' | 'metrics'>
type Place = { deviceId: string; model: string }

/** Returns the number of models on devices whose requests were added. */
export async function sweepTraffic(hub: SweptHub): Promise<number> {
  const added = await addTraffics(hub)
  await exportTraffic(hub.metrics.led.traffic, hub)
  return added
}

async function addTraffics({ store, clock, signal }: SweptHub): Promise<number> {
  await store.transaction(forgetGone)
  let after: Place = { deviceId: '', model: '' }
  for (let added = 0; ; ) {
    signal.throwIfAborted()
    const due = await store.transaction(async (tx) => {
      const items = await dueItems(tx, after, clock.nowMs())
      await addGrowth(tx, items)
      return items
    })
    added += due.length
    const last = due.at(-1)
    if (!last || due.length < ITEMS_AT_ONCE) return added
    after = { deviceId: last.device_id, model: last.model }
  }
}

/** Counters of models that a device no longer serves: if it serves them again, they begin anew. */
const forgetGone = (tx: Tx) =>
  sql`
    delete from traffic_counters where not exists (
      select 1 from device_items
      where device_items.device_id = traffic_counters.device_id and device_items.name = traffic_counters.model
        and device_items.serving_version is not null
    )`.execute(tx)

/** Models whose device has reported since the last time, which is long enough ago, or which serve a new version. */
const dueItems = (tx: Tx, { deviceId, model }: Place, nowMs: number) =>
  tx
    .selectFrom('device_items as item')
    .innerJoin('device_reports as report', 'report.device_id', 'item.device_id')
    .innerJoin('devices as device', 'device.id', 'item.device_id')
    .leftJoin('traffic_counters as counter', (join) =>
      join.onRef('counter.device_id', '=', 'item.device_id').onRef('counter.model', '=', 'item.name'),
    )
    .select(['item.device_id', 'item.organisation_id', 'item.name as model', 'item.serving_version', 'item.since_ms'])
    .select(['item.stats', 'device.name as device', 'report.boot_id', 'report.last_seen_at_ms'])
    .select(['counter.version as known_version', 'counter.boot_id as known_boot_id', 'counter.restarts'])
    .select(['counter.at_ms', 'counter.requests', 'counter.failures', 'counter.dropped', 'counter.latency'])
    .select((eb) =>
      eb
        .selectFrom('device_items as earlier')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .whereRef('earlier.device_id', '=', 'item.device_id')
        .whereRef('earlier.name', '<', 'item.name')
        .where('earlier.kind', 'in', SERVING)
        .as('place'),
    )
    .where('item.kind', 'in', SERVING)
    .where('item.serving_version', 'is not', null)
    .where('item.stats', 'is not', null)
    .where(({ eb, and, or, ref }) =>
      or([
        eb('counter.at_ms', 'is', null),
        and([
          eb('counter.at_ms', '<', ref('report.last_seen_at_ms')),
          or([
            eb('counter.at_ms', '<=', nowMs - AGAIN_MS),
            eb('counter.version', '<>', ref('item.serving_version')),
            eb('item.since_ms', '>', nowMs - BEGINNING_MS),
          ]),
        ]),
      ]),
    )
    .where(sql<boolean>`(item.device_id, item.name) > (${deviceId}, ${model})`)
    .orderBy('item.device_id')
    .orderBy('item.name')
    .limit(ITEMS_AT_ONCE)
    .execute()

type DueItem = Awaited<ReturnType<typeof dueItems>>[number]

async function addGrowth(tx: Tx, items: readonly DueItem[]): Promise<void> {
  const parts: OwnedPart[] = []
  const counters: CounterRow[] = []
  for (const item of items) {
    const now = countersOf(item)
    parts.push(...growthOf(knownOf(item), now).flatMap((growth) => ownedParts(item, growth)))
    counters.push(counterRow(item, now))
  }
  await addParts(tx, parts)
  for (const piece of piecesOf(counters)) await saveCounters(tx, piece)
}

function countersOf({ stats, serving_version, boot_id, last_seen_at_ms, since_ms }: DueItem): NewCounters {
  const { restarts = 0, replaced, latency, ...counts }: ServingStats = stats ? fromJson(stats) : NO_STATS
  return {
    version: serving_version ?? 0,
    bootId: boot_id,
    restarts,
    atMs: Number(last_seen_at_ms),
    sinceMs: Number(since_ms),
    counts: { ...requestsOf(counts), latency: bucketsOf(latency) },
    ...(replaced && { replaced: { version: replaced.version, counts: requestsOf(replaced.stats) } }),
  }
}

const NO_STATS: ServingStats = { requests: 0, failures: 0 }

const requestsOf = ({ requests, failures, dropped = 0 }: Pick<ServingStats, 'requests' | 'failures' | 'dropped'>) => ({
  requests,
  failures,
  dropped,
})

function knownOf(item: DueItem): ReportedCounters | undefined {
  const { known_version, known_boot_id, restarts, at_ms, requests, failures, dropped, latency } = item
  if (known_version === null || known_boot_id === null || at_ms === null) return undefined
  const counts = { requests: requests ?? 0, failures: failures ?? 0, dropped: dropped ?? 0, latency }
  return {
    version: known_version,
    bootId: known_boot_id,
    restarts: restarts ?? 0,
    atMs: Number(at_ms),
    counts: countsIn(counts),
  }
}

/** Once for all devices together, and once for the device. */
function ownedParts(item: DueItem, growth: Growth): OwnedPart[] {
  const { device_id, organisation_id: organisationId, model, device, place } = item
  const { version } = growth
  const p95Us = latencyAt(growth.counts.latency, 0.95)
  const answered = growth.counts.requests - growth.counts.failures
  const slowest = p95Us !== undefined && answered >= SLOWEST_REQUESTS_MIN ? { slowest: { device, p95Us } } : {}
  const fleet = partsOf(growth, FLEET_STEP_MS).map(
    (part): OwnedPart => ({ ...part, deviceId: '', organisationId, model, version, ...slowest }),
  )
  if (Number(place) >= DEVICE_MODELS_MAX) return fleet
  const own = partsOf(growth, DEVICE_STEP_MS).map(
    (part): OwnedPart => ({ ...part, deviceId: device_id, organisationId, model, version }),
  )
  return [...fleet, ...own]
}

type CounterRow = ReturnType<typeof counterRow>

const counterRow = (
  { device_id, organisation_id, model }: { device_id: DeviceId; organisation_id: OrganisationId; model: string },
  { version, bootId, restarts, atMs, counts }: NewCounters,
) => ({
  device_id,
  organisation_id,
  model,
  version,
  boot_id: bootId,
  restarts,
  at_ms: atMs,
  ...countColumns(counts),
})

const COUNTER_COLUMNS = [
  'version',
  'boot_id',
  'restarts',
  'at_ms',
  'requests',
  'failures',
  'dropped',
  'latency',
] as const

const saveCounters = (tx: Tx, rows: CounterRow[]) =>
  tx
    .insertInto('traffic_counters')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['device_id', 'model'])
        .doUpdateSet((eb) => Object.fromEntries(COUNTER_COLUMNS.map((name) => [name, eb.ref(`excluded.${name}`)]))),
    )
    .execute()
