/**
 * Device findings: problems that devices report about themselves, and certificates that end soon, with the first
 * devices by name.
 */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { CERTIFICATE_NOTICE_MS, type DeviceGroup, type EndingGroup } from '@skerry/core/alerts/alert-facts'
import { SUSPICION_CONDITIONS } from '@skerry/core/device/crash-suspicion'
import { sql } from 'kysely'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import { type GroupWish, MEMBERS } from './device-groups.ts'

/** Names are sorted before they are cut, so that an alert keeps its text between two queries. */
const NAMED_MAX = 5

/**
 * Groups devices by the code of their problem. Only online devices count, because the last report of a silent device
 * may be outdated.
 */
export async function troubleGroups(
  db: Db,
  { organisationId, nowMs }: GroupWish,
): Promise<ReadonlyMap<string, DeviceGroup>> {
  const rows = await db
    .selectFrom('device_reports')
    .innerJoin('devices', 'devices.id', 'device_reports.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .select(['devices.name', 'sites.name as site', 'device_reports.conditions', 'device_reports.stale_at_ms'])
    .where('device_reports.organisation_id', '=', organisationId)
    // Written as a literal: the planner uses a partial index only if the query repeats the condition of the index.
    .where(sql<boolean>`device_reports.conditions <> '[]'`)
    .where('devices.status', 'in', MEMBERS)
    .orderBy('devices.name')
    .execute()
  const groups = new Map<string, TroubleGroup>()
  // The code filters this, not the database. The database would begin with the online devices, which are nearly all.
  for (const { name, site, conditions } of rows.filter(({ stale_at_ms }) => stale_at_ms >= nowMs)) {
    for (const code of new Set(fromJson(conditions).map((condition) => condition.code))) {
      const group = groups.get(code) ?? { count: 0, devices: [], site }
      group.count += 1
      if (group.devices.length < NAMED_MAX) group.devices.push(name)
      groups.set(code, group)
    }
  }
  await addDeployments(db, organisationId, groups)
  return groups
}

type TroubleGroup = { count: number; devices: string[]; site: string; deployment?: string }

/** Adds the deployment of the model that is in trouble on the first device, for the troubles that are about a model. */
async function addDeployments(db: Db, organisationId: OrganisationId, groups: ReadonlyMap<string, TroubleGroup>) {
  const found = SUSPICION_CONDITIONS.flatMap((code) => {
    const group = groups.get(code)
    return group ? [{ code, group }] : []
  })
  if (found.length === 0) return
  const rows = await db
    .selectFrom('device_items')
    .innerJoin('devices', 'devices.id', 'device_items.device_id')
    .innerJoin('deployments', 'deployments.id', 'device_items.deployment_id')
    .select(['devices.name as device', 'deployments.name as deployment', 'device_items.cause'])
    .where('devices.organisation_id', '=', organisationId)
    .where(
      'devices.name',
      'in',
      found.flatMap(({ group }) => group.devices.slice(0, 1)),
    )
    .where('device_items.cause', 'is not', null)
    .orderBy('device_items.name')
    .execute()
  for (const { code, group } of found) {
    const isIts = ({ device, cause }: (typeof rows)[number]) =>
      device === group.devices[0] && cause !== null && fromJson(cause).code === code
    const deployment = rows.find(isIts)?.deployment
    if (deployment !== undefined) group.deployment = deployment
  }
}

/** Certificates that have ended, and certificates that end soon. */
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
    .where('devices.organisation_id', '=', organisationId)
    .where('certificate_not_after_ms', '>=', fromMs)
    .where('certificate_not_after_ms', '<', toMs)
    .where('status', 'in', MEMBERS)
  const { count } = await ending.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
  const first = await ending
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .select(['devices.name', 'certificate_not_after_ms', 'sites.name as site'])
    .orderBy('certificate_not_after_ms')
    .orderBy('devices.name')
    .limit(NAMED_MAX)
    .execute()
  const dueMs = first[0]?.certificate_not_after_ms
  return typeof dueMs === 'number'
    ? { count, devices: first.map(({ name }) => name), site: first[0]?.site, dueMs }
    : undefined
}
