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

/** The hubs whose open links count. A database that does not say who is there says nothing of others: this hub is there. */
export async function presentHubs({ cluster }: Pick<Hub, 'cluster'>): Promise<ReadonlySet<string>> {
  const members = cluster.isShared ? await cluster.members().catch(() => []) : []
  return new Set([cluster.hubId, ...members.map(({ hubId }) => hubId)])
}

/** `last_seen_at_ms` stands in for the end that a hub could not store because it died. */
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

/** Stores what is known of these devices' links; an older link of another hub never takes the place of a newer one. Devices that are gone are left out. */
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
              // One hub says things in their order, whatever its clock does.
              eb('device_links.hub_id', '=', eb.ref('excluded.hub_id')),
              eb('device_links.connected_at_ms', '<=', eb.ref('excluded.connected_at_ms')),
            ]),
          ),
      )
      .execute()
  }
}

/** Ends the links that an earlier run of this hub could not end. For a hub that is alone: of several, each run has an id of its own. */
export async function endLinksOf(tx: Tx, hubId: string, nowMs: number): Promise<void> {
  await tx
    .updateTable('device_links')
    .set({ ended_at_ms: nowMs, ended: 'hub' })
    .where('hub_id', '=', hubId)
    .where('ended_at_ms', 'is', null)
    .execute()
}
