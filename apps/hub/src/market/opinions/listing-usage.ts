/** Listing usage: the devices with the versions of installations, and how many of them are healthy. */
import type { InstalledObject } from '@skerry/contract/market/installation'
import type { ListingUsage } from '@skerry/contract/market/opinion'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { silentDevices } from '../../devices/silent-device-store.ts'
import { fromJson, type Json } from '../../store/json-column.ts'
import type { Db } from '../../store/store.ts'

type Used = { organisationId: OrganisationId; nowMs: number }

/** By the last reports. A healthy device reports, and runs each of the versions. Undefined if nothing can run. */
export async function usageOf(
  db: Db,
  { organisationId, nowMs }: Used,
  installations: readonly { objects: Json<InstalledObject[]> }[],
): Promise<ListingUsage | undefined> {
  const objects = installations.flatMap((row) => fromJson(row.objects))
  const names = objects.filter(({ object }) => object === 'deployable').map(({ name }) => name)
  if (names.length === 0) return undefined
  const items = db
    .selectFrom('device_items')
    .select(({ fn }) => fn.count<number>('device_id').distinct().as('devices'))
    .where('organisation_id', '=', organisationId)
    .where('name', 'in', names)
  const all = await items.executeTakeFirstOrThrow()
  const ill = await items
    .where(({ eb, or }) =>
      or([eb('state', '<>', 'active'), eb('device_id', 'in', silentDevices(db, organisationId, nowMs))]),
    )
    .executeTakeFirstOrThrow()
  return { devices: Number(all.devices), healthy: Number(all.devices) - Number(ill.devices) }
}
