/**
 * Scoped status: the state in numbers, for the devices in the scope of the caller's role. The devices are judged one by
 * one.
 */
import type { ConnectionKind } from '@skerry/contract/connections/connection'
import type { DeviceId, OrganisationId, RolloutId } from '@skerry/contract/values/ids'
import { isWithin, type Scope } from '@skerry/core/people/scope'
import { devicesDown } from '../connections/connection-states.ts'
import { deploymentsInForce } from '../deployments/deployment-store.ts'
import { withVersionCounts } from '../deployments/version-count-store.ts'
import { livenessOf } from '../devices/liveness.ts'
import { silentDevices } from '../devices/silent-device-store.ts'
import { isRolloutIn } from '../rollouts/rollout-scope.ts'
import { listRollouts } from '../rollouts/rollout-store.ts'
import { withSilentDevices } from '../rollouts/silent-store.ts'
import { isSiteIn, visibleRows } from '../scopes/scope-rows.ts'
import { scanFleet } from '../selectors/fleet-scan.ts'
import { listSites } from '../sites/site-store.ts'
import type { Db } from '../store/store.ts'
import { type Counts, countModels, deviceSums, downNow, itemSums, ROLLOUTS_SHOWN } from './fleet-status.ts'

/** Sites that one query reads. */
const SITES_PAGE = 500

type Wish = { db: Db; organisationId: OrganisationId; scope: Scope }

/** Counts the objects in the scope. Models belong to every scope. */
export async function scopedStatus(wish: Wish, nowMs: number): Promise<Counts> {
  const { db, organisationId, scope } = wish
  const ids = new Set<DeviceId>()
  const states = []
  for await (const { row } of scanFleet(db, organisationId, nowMs, scope)) {
    ids.add(row.id)
    states.push({ status: row.status, liveness: livenessOf(row, nowMs), ended: row.link_ended, count: 1 })
  }
  const deployments = await deploymentsInForce(db, organisationId)
  const rollouts = await visibleRows(
    { limit: ROLLOUTS_SHOWN, after: undefined as RolloutId | undefined },
    (place) => listRollouts(db, { organisationId, ...place, isUnended: true }),
    { keyOf: ({ id }) => id, isVisible: ({ id }) => isRolloutIn(wish, id) },
  )
  return {
    sites: await countSites(wish),
    devices: deviceSums(states),
    items: await itemsOn(wish, ids, nowMs),
    models: await countModels(db, organisationId),
    deployments: deployments.filter(({ spec }) => isWithin(spec.selector, scope.text)).length,
    down: { sources: await downOn(wish, nowMs, 'source', ids), sinks: await downOn(wish, nowMs, 'sink', ids) },
    rollouts: await withSilentDevices(db, await withVersionCounts(db, rollouts, nowMs), nowMs),
  }
}

async function downOn(
  { db, organisationId }: Wish,
  nowMs: number,
  kind: ConnectionKind,
  ids: ReadonlySet<DeviceId>,
): Promise<number> {
  const devices = await devicesDown(db, downNow(organisationId, nowMs, kind))
  return devices.filter((id) => ids.has(id)).length
}

async function countSites(wish: Wish): Promise<number> {
  const { db, organisationId } = wish
  let count = 0
  let after: string | undefined
  while (true) {
    const sites = await listSites(db, { organisationId, limit: SITES_PAGE, after })
    for (const site of sites) count += (await isSiteIn(wish, site)) ? 1 : 0
    if (sites.length < SITES_PAGE) return count
    after = sites.at(-1)?.name
  }
}

async function itemsOn(
  { db, organisationId }: Wish,
  ids: ReadonlySet<DeviceId>,
  nowMs: number,
): Promise<Counts['items']> {
  const rows = await db
    .selectFrom('device_items')
    .select(['device_id', 'state'])
    .where('organisation_id', '=', organisationId)
    .execute()
  const silent = new Set((await silentDevices(db, organisationId, nowMs).execute()).map(({ device_id }) => device_id))
  const items = rows.filter(({ device_id }) => ids.has(device_id)).map((row) => ({ ...row, count: 1 }))
  return itemSums(
    items,
    items.filter(({ device_id }) => silent.has(device_id)),
  )
}
