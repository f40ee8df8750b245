/** Version use: the devices that serve a version now, and the deployments that need it. */

import { type ServingDevice, USERS_MAX } from '@skerry/contract/models/model'
import type { VersionCount } from '@skerry/contract/rollouts/version-counts'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { withSilent } from '@skerry/core/rollouts/views/version-counts'
import { namedBuilds } from '../builds/named-build-store.ts'
import { spokenLivenessOf } from '../devices/liveness.ts'
import { silentDevices } from '../devices/silent-device-store.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import type { ModelKey } from './version-store.ts'

/** By the last reports. A device that serves a build of the version serves the version. */
const serving = (db: Db, { id, organisation_id, name, version, digest }: VersionTable) =>
  db
    .selectFrom('device_items')
    .where('device_items.organisation_id', '=', organisation_id)
    .where('device_items.name', '=', name)
    .where('device_items.serving_version', '=', version)
    .where(({ eb, or, selectFrom }) =>
      or([
        eb('device_items.serving_digest', '=', digest),
        eb('device_items.serving_digest', 'in', selectFrom('builds').select('digest').where('version_id', '=', id)),
      ]),
    )

/** The number of devices that serve the version now, by their last reports. */
export async function servingCount(db: Db, row: VersionTable): Promise<number> {
  const { count } = await serving(db, row)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** The silent ones among them; 0 if all of them report. */
export async function servingSilent(db: Db, row: VersionTable, nowMs: number): Promise<number> {
  const { count } = await serving(db, row)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('device_items.device_id', 'in', silentDevices(db, row.organisation_id, nowMs))
    .executeTakeFirstOrThrow()
  return count
}

export type ServingPage = { limit: number; after: DeviceId | undefined; nowMs: number }

/** One page of those devices, by id. The index has this order, so the cost of a page depends only on its length. */
export async function listServing(
  db: Db,
  row: VersionTable,
  { limit, after, nowMs }: ServingPage,
): Promise<ServingDevice[]> {
  const rows = await serving(db, row)
    .innerJoin('devices', 'devices.id', 'device_items.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .leftJoin('device_reports', 'device_reports.device_id', 'device_items.device_id')
    .leftJoin('device_links', 'device_links.device_id', 'device_items.device_id')
    .select(['devices.id', 'devices.name', 'sites.name as site'])
    .select(['device_items.state', 'device_items.since_ms', 'device_items.stats', 'device_items.serving_digest'])
    .select(['device_reports.last_seen_at_ms', 'device_reports.stale_at_ms'])
    .select('device_links.ended_at_ms as link_ended_at_ms')
    .$if(after !== undefined, (select) => select.where('device_items.device_id', '>', after ?? ('' as DeviceId)))
    .orderBy('device_items.device_id')
    .limit(limit)
    .execute()
  const digests = rows.flatMap(({ serving_digest }) => (serving_digest === null ? [] : [serving_digest]))
  const builds = await namedBuilds(db, { organisationId: row.organisation_id, digests, hardwareClass: undefined })
  const recipeOf = (digest: Digest | null) => (digest === null ? undefined : builds.get(digest)?.recipe)
  return rows.map(({ id, name, site, state, since_ms, stats, serving_digest, ...heard }) => ({
    id,
    name,
    site,
    state,
    sinceMs: since_ms,
    liveness: spokenLivenessOf(heard, nowMs),
    ...(stats && { stats: fromJson(stats) }),
    ...(recipeOf(serving_digest) !== undefined && { build: recipeOf(serving_digest) }),
  }))
}

/** The number of devices that serve each version of the model; versions without devices are absent. */
export async function servingByVersion(
  db: Db,
  { organisationId, name }: ModelKey,
  nowMs: number,
): Promise<VersionCount[]> {
  return (await servingByModel(db, { organisationId, names: [name], nowMs })).get(name) ?? []
}

type ModelsWish = { organisationId: OrganisationId; names: readonly string[]; nowMs: number }

/** The same for many models in two queries; models that no device serves are absent. */
export async function servingByModel(db: Db, wish: ModelsWish): Promise<Map<string, VersionCount[]>> {
  if (wish.names.length === 0) return new Map()
  const { organisationId, nowMs } = wish
  // The index has all columns of this query.
  const rows = await servingRows(db, wish).execute()
  const silentRows = await servingRows(db, wish)
    .where('device_id', 'in', silentDevices(db, organisationId, nowMs))
    .execute()
  const silent = new Map(
    silentRows.map(({ name, serving_version, devices }) => [`${name} ${serving_version}`, devices]),
  )
  const serving = new Map<string, VersionCount[]>()
  for (const { name, serving_version, devices } of rows) {
    const count = withSilent({ version: serving_version ?? 0, devices }, silent.get(`${name} ${serving_version}`))
    serving.set(name, [...(serving.get(name) ?? []), count])
  }
  return serving
}

const servingRows = (db: Db, { organisationId, names }: ModelsWish) =>
  db
    .selectFrom('device_items')
    .select(({ fn }) => ['name', 'serving_version', fn.countAll<number>().as('devices')])
    .where('organisation_id', '=', organisationId)
    .where('name', 'in', names)
    .where('serving_version', 'is not', null)
    .groupBy(['name', 'serving_version'])
    .orderBy('serving_version', 'desc')

/** Names of the deployments that need the model, or this version of it, for a revision that devices may still get. */
export async function deploymentsUsing(
  db: Db,
  { organisationId, name }: ModelKey,
  version?: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('deployment_revisions')
    .innerJoin('deployments', 'deployments.id', 'deployment_revisions.deployment_id')
    .select('deployments.name')
    .distinct()
    .where('deployment_revisions.organisation_id', '=', organisationId)
    .where('deployment_revisions.name', '=', name)
    .$if(version !== undefined, (select) => select.where('deployment_revisions.version', '=', version ?? 0))
    .orderBy('deployments.name')
    .limit(USERS_MAX)
    .execute()
  return rows.map(({ name }) => name)
}
