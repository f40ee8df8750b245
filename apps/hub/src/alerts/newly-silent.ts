/** Newly silent: the devices whose silence is not an alert yet, with the time at which it becomes one. */
import type { NewlySilent } from '@skerry/contract/alerts/alert'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { RESTART_MS } from '@skerry/core/devices/device-events'
import { sql } from 'kysely'
import type { Db } from '../store/store.ts'
import { MEMBERS } from './device-groups.ts'

type Wish = { organisationId: OrganisationId; nowMs: number }

/**
 * Their last link has ended. A device that said goodbye may be restarting, and becomes an alert after that time. Of all
 * others the hub expects reports until the last one is outdated. Undefined if there are none.
 */
export async function newlySilentDevices(db: Db, { organisationId, nowMs }: Wish): Promise<NewlySilent | undefined> {
  const restartMs = sql<number>`device_reports.last_seen_at_ms + ${sql.lit(RESTART_MS)}`
  const isGoodbye = sql<boolean>`device_reports.stale_at_ms <= device_reports.last_seen_at_ms`
  const alertAtMs = sql<number>`case when ${isGoodbye} then ${restartMs} else device_reports.stale_at_ms end`
  const row = await db
    .selectFrom('device_links')
    .innerJoin('device_reports', 'device_reports.device_id', 'device_links.device_id')
    .innerJoin('devices', 'devices.id', 'device_links.device_id')
    .select(({ fn }) => [
      fn.countAll<number>().as('count'),
      fn.min<string | null>('devices.name').as('first'),
      fn.min<number | null>('device_links.ended_at_ms').as('sinceMs'),
      fn.min<number | null>(alertAtMs).as('alertAtMs'),
    ])
    .where('device_links.ended_at_ms', 'is not', null)
    .where('device_reports.organisation_id', '=', organisationId)
    .where('devices.status', 'in', MEMBERS)
    .where(alertAtMs, '>=', nowMs)
    .executeTakeFirstOrThrow()
  const { count, first, sinceMs, alertAtMs: dueMs } = row
  if (count === 0 || first === null || sinceMs === null || dueMs === null) return undefined
  return { count, first, sinceMs, alertAtMs: dueMs }
}
