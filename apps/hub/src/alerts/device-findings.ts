/** Device findings: troubles that devices name about themselves, and certificates that end, with the first devices by name. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { CERTIFICATE_NOTICE_MS, type DeviceGroup, type EndingGroup } from '@skerry/core/alerts/alert-facts'
import { sql } from 'kysely'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import { type GroupWish, MEMBERS } from './device-groups.ts'

/** Names are sorted before they are cut, so that an alert does not change its words from one look to the next. */
const NAMED_MAX = 5

/** By the code of the trouble. What a silent device said last may long be over, so only those that are heard count. */
export async function troubleGroups(
  db: Db,
  { organisationId, nowMs }: GroupWish,
): Promise<ReadonlyMap<string, DeviceGroup>> {
  const rows = await db
    .selectFrom('device_reports')
    .innerJoin('devices', 'devices.id', 'device_reports.device_id')
    .select(['devices.name', 'device_reports.conditions', 'device_reports.stale_at_ms'])
    .where('device_reports.organisation_id', '=', organisationId)
    // Written out: an index of some rows is used only where the planner can see that these are they.
    .where(sql<boolean>`device_reports.conditions <> '[]'`)
    .where('devices.status', 'in', MEMBERS)
    .orderBy('devices.name')
    .execute()
  const groups = new Map<string, { count: number; devices: string[] }>()
  // Not asked of the database: it would begin with all that are heard, which are nearly all.
  for (const { name, conditions } of rows.filter(({ stale_at_ms }) => stale_at_ms >= nowMs)) {
    for (const code of new Set(fromJson(conditions).map((condition) => condition.code))) {
      const group = groups.get(code) ?? { count: 0, devices: [] }
      group.count += 1
      if (group.devices.length < NAMED_MAX) group.devices.push(name)
      groups.set(code, group)
    }
  }
  return groups
}

/** Certificates that have ended, and those that end before long. */
export async function certificateGroups(
  db: Db,
  { organisationId, nowMs }: GroupWish,
): Promise<{ certificatesEnded: EndingGroup | undefined; certificatesEnding: EndingGroup | undefined }> {
  const groupOf = (fromMs: number, toMs: number) => endingGroup(db, { organisationId, fromMs, toMs })
  return {
    certificatesEnded: await groupOf(0, nowMs),
    certificatesEnding: await groupOf(nowMs, nowMs + CERTIFICATE_NOTICE_MS),
  }
}

type Range = { organisationId: OrganisationId; fromMs: number; toMs: number }

async function endingGroup(db: Db, { organisationId, fromMs, toMs }: Range): Promise<EndingGroup | undefined> {
  const ending = db
    .selectFrom('devices')
    .where('organisation_id', '=', organisationId)
    .where('certificate_not_after_ms', '>=', fromMs)
    .where('certificate_not_after_ms', '<', toMs)
    .where('status', 'in', MEMBERS)
  const { count } = await ending.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
  const first = await ending
    .select(['name', 'certificate_not_after_ms'])
    .orderBy('certificate_not_after_ms')
    .orderBy('name')
    .limit(NAMED_MAX)
    .execute()
  const dueMs = first[0]?.certificate_not_after_ms
  return typeof dueMs === 'number' ? { count, devices: first.map(({ name }) => name), dueMs } : undefined
}
