/**
 * Device groups: devices that need a person, counted by the database and grouped by site. Each query begins at an index of what is wrong
 * (migration of alert indexes), so it costs as the devices that are wrong, not as the fleet. Devices that are pending or revoked are
 * nobody's members, those in quarantine are told of as such, and of a silent one nothing else is known.
 */
import type { DeviceStatus } from '@skerry/contract/devices/device'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { DUPLICATE_FRESH_MS, type SiteGroup } from '@skerry/core/alerts/alert-facts'
import { type ExpressionBuilder, sql } from 'kysely'
import type { Db, Tables } from '../store/store.ts'

export type GroupWish = { organisationId: OrganisationId; nowMs: number }

export const MEMBERS = ['active', 'conflict-paused'] as const

type Row = { site: string; count: number; device: string; sinceMs?: number | null }

const groupOf = ({ site, count, device, sinceMs }: Row): SiteGroup => ({
  site,
  count,
  device,
  ...(typeof sinceMs === 'number' && { sinceMs }),
})

const countAndName = ({ fn }: ExpressionBuilder<Tables, 'devices' | 'sites'>) => [
  fn.countAll<number>().as('count'),
  fn.min<string>('devices.name').as('device'),
]

/** Devices that are heard and on which something failed: `broken` where nothing serves in its place. */
export async function failedGroups(
  db: Db,
  { organisationId, nowMs }: GroupWish,
): Promise<{ failed: SiteGroup[]; degraded: SiteGroup[] }> {
  const items = db
    .selectFrom('device_items')
    .select('device_id')
    .select(({ fn }) => [
      fn.min<number>('since_ms').as('since_ms'),
      fn.max<number>(sql<number>`case when serving_version is null then 1 else 0 end`).as('broken'),
    ])
    .where('organisation_id', '=', organisationId)
    // Written out: an index of some rows is used only where the planner can see that these are they.
    .where(sql<boolean>`state = 'failed'`)
    .groupBy('device_id')
    .as('items')
  const rows = await db
    .selectFrom(items)
    .innerJoin('devices', 'devices.id', 'items.device_id')
    .innerJoin('device_reports', 'device_reports.device_id', 'items.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .select(['sites.name as site', 'items.broken'])
    .select(({ fn }) => [
      fn.countAll<number>().as('count'),
      fn.min<string>('devices.name').as('device'),
      fn.min<number>('items.since_ms').as('sinceMs'),
    ])
    .where('devices.status', 'in', MEMBERS)
    .where('device_reports.stale_at_ms', '>=', nowMs)
    .groupBy(['sites.name', 'items.broken'])
    .execute()
  return {
    failed: rows.filter(({ broken }) => broken === 1).map(groupOf),
    degraded: rows.filter(({ broken }) => broken === 0).map(groupOf),
  }
}

/** Devices that have fallen silent. */
export async function staleGroups(db: Db, { organisationId, nowMs }: GroupWish): Promise<SiteGroup[]> {
  const rows = await db
    .selectFrom('device_reports')
    .innerJoin('devices', 'devices.id', 'device_reports.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .select('sites.name as site')
    .select(countAndName)
    .select(({ fn }) => fn.min<number>('device_reports.last_seen_at_ms').as('sinceMs'))
    .where('device_reports.organisation_id', '=', organisationId)
    .where('device_reports.stale_at_ms', '<', nowMs)
    .where('devices.status', 'in', MEMBERS)
    .groupBy('sites.name')
    .execute()
  return rows.map(groupOf)
}

/**
 * Devices that were let in before a time and have not been heard yet, and how many there are without regard to the time. The one question
 * here that looks at every device, for want of a row to find.
 */
export async function unheardGroups(
  db: Db,
  organisationId: OrganisationId,
  beforeMs: number,
): Promise<{ unheard: SiteGroup[]; neverHeard: number }> {
  const rows = await db
    .selectFrom('devices')
    .leftJoin('device_reports', 'device_reports.device_id', 'devices.id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .select(['sites.name as site', (eb) => eb('devices.created_at_ms', '<=', beforeMs).as('isLate')])
    .select(countAndName)
    .select(({ fn }) => fn.min<number>('devices.created_at_ms').as('sinceMs'))
    .where('devices.organisation_id', '=', organisationId)
    .where('devices.status', 'in', MEMBERS)
    .where('device_reports.device_id', 'is', null)
    .groupBy(['sites.name', 'isLate'])
    .execute()
  return {
    unheard: rows.filter(({ isLate }) => Boolean(isLate)).map(groupOf),
    neverHeard: rows.reduce((sum, { count }) => sum + count, 0),
  }
}

/** Devices that wait for a person: to be let in, to be steered again, or to be let out of quarantine. */
export async function waitingGroups(
  db: Db,
  organisationId: OrganisationId,
): Promise<{ pending: SiteGroup[]; conflictPaused: SiteGroup[]; quarantined: SiteGroup[] }> {
  const rows = await db
    .selectFrom('devices')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .select(['sites.name as site', 'devices.status'])
    .select(countAndName)
    .select(({ fn }) => fn.min<number>('devices.created_at_ms').as('sinceMs'))
    .where('devices.organisation_id', '=', organisationId)
    .where('devices.status', 'in', ['pending', 'conflict-paused', 'quarantined'])
    .groupBy(['sites.name', 'devices.status'])
    .execute()
  // When it began is not kept; when the device joined says nothing about it.
  const undated = (wanted: DeviceStatus) =>
    rows.filter(({ status }) => status === wanted).map(({ sinceMs: _, ...row }) => groupOf(row))
  return {
    pending: rows.filter(({ status }) => status === 'pending').map(groupOf),
    conflictPaused: undated('conflict-paused'),
    quarantined: undated('quarantined'),
  }
}

/** Devices whose certificate was used in two places at once, not long ago, and that are still let in. */
export async function duplicatedGroups(db: Db, { organisationId, nowMs }: GroupWish): Promise<SiteGroup[]> {
  const rows = await db
    .selectFrom('device_duplicates')
    .innerJoin('devices', 'devices.id', 'device_duplicates.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .select('sites.name as site')
    .select(countAndName)
    .select(({ fn }) => fn.min<number>('device_duplicates.first_at_ms').as('sinceMs'))
    .where('device_duplicates.organisation_id', '=', organisationId)
    .where('device_duplicates.last_at_ms', '>=', nowMs - DUPLICATE_FRESH_MS)
    .where('devices.status', 'not in', ['revoked', 'wiped'])
    .groupBy('sites.name')
    .execute()
  return rows.map(groupOf)
}
