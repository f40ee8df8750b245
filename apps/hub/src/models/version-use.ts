/** Version use: which devices answer with a version now, and which deployments need it. */

import { type ServingDevice, USERS_MAX } from '@skerry/contract/models/model'
import type { DeviceId } from '@skerry/contract/values/ids'
import { livenessOf } from '../devices/liveness.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import type { ModelKey } from './version-store.ts'

const serving = (db: Db, { organisation_id, model, version, digest }: VersionTable) =>
  db
    .selectFrom('device_items')
    .where('device_items.organisation_id', '=', organisation_id)
    .where('device_items.name', '=', model)
    .where('device_items.serving_version', '=', version)
    .where('device_items.serving_digest', '=', digest)

/** How many devices answer requests with the version now, as they last reported. */
export async function servingCount(db: Db, row: VersionTable): Promise<number> {
  const { count } = await serving(db, row)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

export type ServingPage = { limit: number; after: DeviceId | undefined; nowMs: number }

/** One page of those devices, by id: the index has them in this order, so a page costs what it holds. */
export async function listServing(
  db: Db,
  row: VersionTable,
  { limit, after, nowMs }: ServingPage,
): Promise<ServingDevice[]> {
  const rows = await serving(db, row)
    .innerJoin('devices', 'devices.id', 'device_items.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .leftJoin('device_reports', 'device_reports.device_id', 'device_items.device_id')
    .select(['devices.id', 'devices.name', 'sites.name as site'])
    .select(['device_items.state', 'device_items.since_ms', 'device_items.stats'])
    .select(['device_reports.last_seen_at_ms', 'device_reports.stale_at_ms'])
    .$if(after !== undefined, (select) => select.where('device_items.device_id', '>', after ?? ('' as DeviceId)))
    .orderBy('device_items.device_id')
    .limit(limit)
    .execute()
  return rows.map(({ id, name, site, state, since_ms, stats, ...heard }) => ({
    id,
    name,
    site,
    state,
    sinceMs: since_ms,
    liveness: livenessOf(heard, nowMs),
    ...(stats && { stats: fromJson(stats) }),
  }))
}

/** How many devices serve each version of the model; those that nobody serves are left out. */
export async function servingByVersion(db: Db, { organisationId, model }: ModelKey): Promise<Map<number, number>> {
  const rows = await db
    .selectFrom('device_items')
    .select(({ fn }) => ['serving_version', fn.countAll<number>().as('count')])
    .where('organisation_id', '=', organisationId)
    .where('name', '=', model)
    .where('serving_version', 'is not', null)
    .groupBy('serving_version')
    .orderBy('serving_version', 'desc')
    .execute()
  return new Map(rows.map(({ serving_version, count }) => [serving_version ?? 0, count]))
}

/** Names of the deployments of which a revision that devices may still be asked to run names the model, or this version of it. */
export async function deploymentsUsing(
  db: Db,
  { organisationId, model }: ModelKey,
  version?: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('deployment_revisions')
    .innerJoin('deployments', 'deployments.id', 'deployment_revisions.deployment_id')
    .select('deployments.name')
    .distinct()
    .where('deployment_revisions.organisation_id', '=', organisationId)
    .where('deployment_revisions.model', '=', model)
    .$if(version !== undefined, (select) => select.where('deployment_revisions.version', '=', version ?? 0))
    .orderBy('deployments.name')
    .limit(USERS_MAX)
    .execute()
  return rows.map(({ name }) => name)
}
