/** Fleet status: the state of the organisation in numbers. */
import type { Status } from '@skerry/contract/api/hub-procedures'
import type { ConnectionKind } from '@skerry/contract/connections/connection'
import { DeviceStatus } from '@skerry/contract/devices/device'
import type { ItemState } from '@skerry/contract/devices/item'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { isRefused } from '@skerry/core/devices/quarantine'
import { sql } from 'kysely'
import { countDown, TROUBLE_STATES } from '../connections/connection-states.ts'
import { countDeployments } from '../deployments/deployment-store.ts'
import { withVersionCounts } from '../deployments/version-count-store.ts'
import { silentDevices } from '../devices/silent-device-store.ts'
import { listRollouts } from '../rollouts/rollout-store.ts'
import { withSilentDevices } from '../rollouts/silent-store.ts'
import type { Db } from '../store/store.ts'

/** More rollouts than a screen shows; the list of rollouts has all of them. */
export const ROLLOUTS_SHOWN = 20

export type Counts = Omit<Status, 'organisation' | 'hubVersion'>

/** Counts sites, devices, items, models and deployments of the organisation. The database computes the sums. */
export async function fleetStatus(db: Db, organisationId: OrganisationId, nowMs: number): Promise<Counts> {
  const [sites, models, devices, items, deployments, rollouts, sources, sinks] = await Promise.all([
    countSites(db, organisationId),
    countModels(db, organisationId),
    deviceCounts(db, organisationId, nowMs),
    itemCounts(db, organisationId, nowMs),
    countDeployments(db, organisationId),
    listRollouts(db, { organisationId, limit: ROLLOUTS_SHOWN, isUnended: true }),
    countDown(db, downNow(organisationId, nowMs, 'source')),
    countDown(db, downNow(organisationId, nowMs, 'sink')),
  ])
  return {
    sites,
    devices,
    items,
    models,
    deployments,
    down: { sources, sinks },
    rollouts: await withSilentDevices(db, await withVersionCounts(db, rollouts, nowMs), nowMs),
  }
}

/** All sources or sinks that do not work now, however long. */
export const downNow = (organisationId: OrganisationId, nowMs: number, kind: ConnectionKind) => ({
  organisationId,
  nowMs,
  kind,
  states: TROUBLE_STATES,
  // The clock of a device may be ahead of the hub's.
  beforeMs: Number.MAX_SAFE_INTEGER,
})

async function countSites(db: Db, organisationId: OrganisationId): Promise<number> {
  const row = await db
    .selectFrom('sites')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisationId)
    .executeTakeFirstOrThrow()
  return row.count
}

export async function countModels(db: Db, organisationId: OrganisationId): Promise<number> {
  const row = await db
    .selectFrom('models')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisationId)
    .where('removed_at_ms', 'is', null)
    .executeTakeFirstOrThrow()
  return row.count
}

/**
 * One statement, so that its parts fit together. A fleet is mostly active and online, so these devices are not read: two
 * indexes count all of them, and the others are subtracted.
 */
async function deviceCounts(db: Db, organisationId: OrganisationId, nowMs: number): Promise<Counts['devices']> {
  const rows = await countActive(db, organisationId)
    .unionAll(countReports(db, organisationId))
    .unionAll(countStale(db, organisationId, nowMs))
    .unionAll(countOthers(db, organisationId, nowMs))
    .execute()
  const sum = (part: string) => rows.filter((row) => row.part === part).reduce((total, { count }) => total + count, 0)
  const others = rows.filter(({ part }) => part === 'others')
  const otherReports = others.filter(({ liveness }) => liveness !== 'never')
  const reporting = sum('reports') - otherReports.reduce((total, { count }) => total + count, 0)
  const active = { status: 'active' as const, ended: null }
  return deviceSums([
    ...others,
    ...rows.filter(({ part }) => part === 'stale'),
    { ...active, liveness: 'online', count: reporting - sum('stale') },
    { ...active, liveness: 'never', count: sum('active') - reporting },
  ])
}

type CountRow = { part: string; status: DeviceStatus; liveness: string; ended: string | null; count: number }

/** All active devices, from the index of the statuses. */
const countActive = (db: Db, organisationId: OrganisationId) =>
  db
    .selectFrom('devices')
    .select(({ fn }) => [
      sql<string>`'active'`.as('part'),
      'devices.status',
      sql<string>`'any'`.as('liveness'),
      sql<string | null>`cast(null as text)`.as('ended'),
      fn.countAll<number>().as('count'),
    ])
    .where('devices.organisation_id', '=', organisationId)
    .where('devices.status', '=', 'active')
    .groupBy('devices.status')
    .$castTo<CountRow>()

/** All devices that have ever reported, from the index of the last reports. */
const countReports = (db: Db, organisationId: OrganisationId) =>
  db
    .selectFrom('device_reports')
    .select(({ fn }) => [
      sql<string>`'reports'`.as('part'),
      sql<DeviceStatus>`'active'`.as('status'),
      sql<string>`'any'`.as('liveness'),
      sql<string | null>`cast(null as text)`.as('ended'),
      fn.countAll<number>().as('count'),
    ])
    .where('device_reports.organisation_id', '=', organisationId)
    .$castTo<CountRow>()

/** The active devices with an outdated report. */
const countStale = (db: Db, organisationId: OrganisationId, nowMs: number) =>
  db
    .selectFrom('device_reports')
    .innerJoin('devices', 'devices.id', 'device_reports.device_id')
    .leftJoin('device_links', (join) =>
      join.onRef('device_links.device_id', '=', 'devices.id').on('device_links.ended', '=', 'goodbye'),
    )
    .select(({ fn }) => [
      sql<string>`'stale'`.as('part'),
      'devices.status',
      sql<string>`'stale'`.as('liveness'),
      'device_links.ended',
      fn.countAll<number>().as('count'),
    ])
    .where('device_reports.organisation_id', '=', organisationId)
    .where('device_reports.stale_at_ms', '<', nowMs)
    .where('devices.status', '=', 'active')
    .groupBy(['devices.status', 'device_links.ended'])
    .$castTo<CountRow>()

const OTHERS = DeviceStatus.exclude(['active']).options

/** The devices of every other status: there are few of them. */
const countOthers = (db: Db, organisationId: OrganisationId, nowMs: number) =>
  db
    .selectFrom('devices')
    .leftJoin('device_reports', 'device_reports.device_id', 'devices.id')
    .leftJoin('device_links', (join) =>
      join.onRef('device_links.device_id', '=', 'devices.id').on('device_links.ended', '=', 'goodbye'),
    )
    .select(({ fn, eb }) => [
      sql<string>`'others'`.as('part'),
      'devices.status',
      eb
        .case()
        .when('device_reports.stale_at_ms', 'is', null)
        .then('never')
        .when('device_reports.stale_at_ms', '<', nowMs)
        .then('stale')
        .else('online')
        .end()
        .as('liveness'),
      'device_links.ended',
      fn.countAll<number>().as('count'),
    ])
    .where('devices.organisation_id', '=', organisationId)
    .where('devices.status', 'in', OTHERS)
    .groupBy(['devices.status', 'liveness', 'device_links.ended'])
    .$castTo<CountRow>()

/** `ended`: a device that is not connected because its agent was stopped. */
type DeviceCount = { status: DeviceStatus; liveness: string; ended?: string | null; count: number }

/** The sums that the API shows. */
export function deviceSums(rows: readonly DeviceCount[]): Counts['devices'] {
  const sum = (isMeant: (row: DeviceCount) => boolean) =>
    rows.filter(isMeant).reduce((total, { count }) => total + count, 0)
  // Liveness counts members only. Pending, revoked and wiped devices have counters of their own.
  const isMember = ({ status }: { status: DeviceStatus }) =>
    status !== 'pending' && status !== 'wiping' && !isRefused(status)
  return {
    online: sum((row) => isMember(row) && row.liveness === 'online'),
    stale: sum((row) => isMember(row) && row.liveness === 'stale'),
    stopped: sum((row) => isMember(row) && row.liveness === 'stale' && row.ended === 'goodbye'),
    never: sum((row) => isMember(row) && row.liveness === 'never'),
    pending: sum((row) => row.status === 'pending'),
    conflictPaused: sum((row) => row.status === 'conflict-paused'),
    quarantined: sum((row) => row.status === 'quarantined' || row.status === 'wiping'),
    revoked: sum((row) => isRefused(row.status)),
  }
}

async function itemCounts(db: Db, organisationId: OrganisationId, nowMs: number): Promise<Counts['items']> {
  const byState = db
    .selectFrom('device_items')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .where('organisation_id', '=', organisationId)
    .groupBy('state')
  const silent = await byState.where('device_id', 'in', silentDevices(db, organisationId, nowMs)).execute()
  return itemSums(await byState.execute(), silent)
}

type StateCount = { state: ItemState; count: number }

/** The sums that the API shows. `silent`: the items on silent devices, which are among the others. */
export function itemSums(rows: readonly StateCount[], silent: readonly StateCount[]): Counts['items'] {
  const counts = { active: 0, moving: 0, failed: 0 }
  for (const { state, count } of rows) {
    const group = groupOf(state)
    if (group) counts[group] += count
  }
  const onSilent = silent.reduce((sum, { state, count }) => sum + (groupOf(state) ? count : 0), 0)
  return { ...counts, ...(onSilent > 0 && { silent: onSilent }) }
}

function groupOf(state: ItemState): 'active' | 'moving' | 'failed' | undefined {
  if (state === 'absent') return undefined
  return state === 'active' || state === 'failed' ? state : 'moving'
}
