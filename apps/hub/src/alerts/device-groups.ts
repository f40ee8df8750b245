/**
 * Device groups: devices that need a person, counted by the database and grouped by site.
 *
 * Each query begins at an index of problems (migration of alert indexes). So its cost depends on the number of devices
 * with problems, not on the fleet. Pending and revoked devices are no members. Devices in quarantine form a group of
 * their own. A silent device counts as silent only, because its other facts are unknown.
 */
import type { DeviceStatus } from '@skerry/contract/devices/device'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { DUPLICATE_FRESH_MS, type SiteGroup } from '@skerry/core/alerts/alert-facts'
import { RESTART_MS } from '@skerry/core/devices/device-events'
import { type ExpressionBuilder, sql } from 'kysely'
import type { Db, Tables } from '../store/store.ts'
import { failuresOn } from './device-failures.ts'

export type GroupWish = { organisationId: OrganisationId; nowMs: number }

export const MEMBERS = ['active', 'conflict-paused'] as const

type Row = { site: string; count: number; device: string; sinceMs?: number | null; stopped?: number }

const groupOf = ({ site, count, device, sinceMs, stopped }: Row): SiteGroup => ({
  site,
  count,
  device,
  ...(typeof sinceMs === 'number' && { sinceMs }),
  ...(stopped !== undefined && { stopped: Number(stopped) }),
})

const countAndName = ({ fn }: ExpressionBuilder<Tables, 'devices' | 'sites'>) => [
  fn.countAll<number>().as('count'),
  fn.min<string>('devices.name').as('device'),
]

/** Online devices with a failed item. `broken` means that no other version serves in its place. */
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
    // Written as a literal: the planner uses a partial index only if the query repeats the condition of the index.
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
  const failed = rows.filter(({ broken }) => broken === 1).map(groupOf)
  const degraded = rows.filter(({ broken }) => broken === 0).map(groupOf)
  const failures = await failuresOn(db, organisationId, [...worstOf(failed), ...worstOf(degraded)])
  const explained = (group: SiteGroup): SiteGroup => ({ ...group, failure: failures.get(group.device) })
  return { failed: failed.map(explained), degraded: degraded.map(explained) }
}

/** More groups than have an alert of their own: their devices are named, so their failures are read. */
const EXPLAINED_MAX = 4

/** The sites with the most devices, as core sorts them. */
const worstOf = (groups: readonly SiteGroup[]): string[] =>
  groups
    .toSorted((a, b) => b.count - a.count || (a.site < b.site ? -1 : 1))
    .slice(0, EXPLAINED_MAX)
    .map(({ device }) => device)

/** Devices that became silent, because their reports are missing. A restart is no silence. */
export async function staleGroups(db: Db, { organisationId, nowMs }: GroupWish): Promise<SiteGroup[]> {
  const rows = await db
    .selectFrom('device_reports')
    .innerJoin('devices', 'devices.id', 'device_reports.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .leftJoin('device_links', 'device_links.device_id', 'device_reports.device_id')
    .select('sites.name as site')
    .select(countAndName)
    .select(({ fn, eb }) => [
      fn.min<number>('device_reports.last_seen_at_ms').as('sinceMs'),
      fn.sum<number>(eb.case().when('device_links.ended', '=', 'goodbye').then(1).else(0).end()).as('stopped'),
    ])
    .where('device_reports.organisation_id', '=', organisationId)
    .where('device_reports.stale_at_ms', '<', nowMs)
    .where(({ eb, or, ref }) =>
      or([
        eb('device_reports.stale_at_ms', '>', ref('device_reports.last_seen_at_ms')),
        eb('device_reports.last_seen_at_ms', '<', nowMs - RESTART_MS),
      ]),
    )
    .where('devices.status', 'in', MEMBERS)
    .groupBy('sites.name')
    .execute()
  return rows.map(groupOf)
}

/**
 * Devices that were accepted before a time and have not reported yet, and their number regardless of the time. This is
 * the only query here that reads every device, because no row marks these devices.
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

/**
 * Devices that wait for a person: for acceptance, for the end of a pause after a conflict, or for release from
 * quarantine.
 */
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
  // The hub does not store when this state began. The time of joining does not show it.
  const undated = (wanted: DeviceStatus) =>
    rows.filter(({ status }) => status === wanted).map(({ sinceMs: _, ...row }) => groupOf(row))
  return {
    pending: rows.filter(({ status }) => status === 'pending').map(groupOf),
    conflictPaused: undated('conflict-paused'),
    quarantined: undated('quarantined'),
  }
}

/** Devices whose certificate was recently used in two places at once, and that may still connect. */
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
