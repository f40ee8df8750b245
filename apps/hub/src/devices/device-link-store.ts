/** Device link store: whether a device is connected, as the hubs of the database stored it. */
import type { DeviceLink } from '@skerry/contract/devices/device'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { Hub } from '../hub.ts'
import { padded, piecesOf } from '../store/many-rows.ts'
import type { Tx } from '../store/store.ts'
import type { DeviceLinkTable } from '../store/tables/device-link-tables.ts'

/** The link columns of a device row; null for a device that has never been connected. */
export type LinkColumns = {
  link_hub_id: string | null
  connected_at_ms: number | null
  link_ended_at_ms: number | null
  link_ended: DeviceLinkTable['ended']
}

/** The hubs whose open links count. If the database cannot list the hubs, only this hub counts. */
export async function presentHubs({ cluster }: Pick<Hub, 'cluster'>): Promise<ReadonlySet<string>> {
  const members = cluster.isShared ? await cluster.members().catch(() => []) : []
  return new Set([cluster.hubId, ...members.map(({ hubId }) => hubId)])
}

/** `last_seen_at_ms` replaces the end that a hub could not store because it died. */
export function deviceLinkOf(
  row: LinkColumns & { last_seen_at_ms: number | null },
  hubs: ReadonlySet<string>,
): DeviceLink {
  const { link_hub_id, connected_at_ms, link_ended_at_ms, link_ended } = row
  if (link_hub_id === null || connected_at_ms === null) return { connected: false }
  if (link_ended_at_ms !== null) {
    return { connected: false, sinceMs: link_ended_at_ms, ...(link_ended && { ended: link_ended }) }
  }
  if (hubs.has(link_hub_id)) return { connected: true, sinceMs: connected_at_ms }
  return { connected: false, sinceMs: Math.max(connected_at_ms, row.last_seen_at_ms ?? 0), ended: 'hub' }
}

/**
 * Stores the known state of these devices' links. An older link of another hub never replaces a newer one. Removed
 * devices are skipped.
 */
export async function storeLinks(tx: Tx, links: readonly DeviceLinkTable[]): Promise<void> {
  const ids = padded(links.map(({ device_id }) => device_id))
  const rows = await tx.selectFrom('devices').select('id').where('id', 'in', ids).execute()
  const there = new Set<DeviceId>(rows.map(({ id }) => id))
  for (const piece of piecesOf(links.filter(({ device_id }) => there.has(device_id)))) {
    await tx
      .insertInto('device_links')
      .values(piece)
      .onConflict((conflict) =>
        conflict
          .column('device_id')
          .doUpdateSet(({ ref }) => ({
            hub_id: ref('excluded.hub_id'),
            connected_at_ms: ref('excluded.connected_at_ms'),
            ended_at_ms: ref('excluded.ended_at_ms'),
            ended: ref('excluded.ended'),
          }))
          .where((eb) =>
            eb.or([
              // The updates of one hub arrive in order, regardless of its clock.
              eb('device_links.hub_id', '=', eb.ref('excluded.hub_id')),
              eb('device_links.connected_at_ms', '<=', eb.ref('excluded.connected_at_ms')),
            ]),
          ),
      )
      .execute()
  }
  const left = links.filter(({ ended }) => ended === 'goodbye').map(({ device_id }) => device_id)
  if (left.length > 0) await outdateReports(tx, left)
}

/**
 * A device that has left sends no report: its last one is stale from now on. It stays current if the device has a newer
 * link, or has reported since.
 */
async function outdateReports(tx: Tx, left: readonly DeviceId[]): Promise<void> {
  await tx
    .updateTable('device_reports')
    .set(({ ref }) => ({ stale_at_ms: ref('last_seen_at_ms') }))
    .where('device_id', 'in', padded(left))
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('device_links')
          .select('device_links.device_id')
          .whereRef('device_links.device_id', '=', 'device_reports.device_id')
          .where('device_links.ended', '=', 'goodbye')
          .whereRef('device_links.ended_at_ms', '>=', 'device_reports.last_seen_at_ms'),
      ),
    )
    .execute()
}

/**
 * Ends the links that an earlier run of this hub could not end. Only for a hub that is alone: with several hubs, each
 * run has an id of its own.
 */
export async function endLinksOf(tx: Tx, hubId: string, nowMs: number): Promise<void> {
  await tx
    .updateTable('device_links')
    .set({ ended_at_ms: nowMs, ended: 'hub' })
    .where('hub_id', '=', hubId)
    .where('ended_at_ms', 'is', null)
    .execute()
}
