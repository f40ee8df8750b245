/**
 * Quota: whether an organisation may have one more device, or more bytes. The database counts
 * (migrations/0001/organisation-use.ts), so a check reads two rows by their keys, for any size of fleet. The check runs
 * in the transaction of the change. So if two callers want the last place, one of them fails.
 */

import type { Quota, Use } from '@skerry/contract/people/organisation'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import type { Db, Tx } from '../store/store.ts'
import type { OrganisationUseTable } from '../store/tables/access/tenant-tables.ts'
import type { OrganisationTable } from '../store/tables/foundation-tables.ts'

export type QuotaRow = Pick<OrganisationTable, 'id' | 'devices_max' | 'storage_bytes_max' | 'requests_per_minute_max'> &
  Pick<OrganisationUseTable, 'devices' | 'storage_bytes'> &
  Record<'coming_bytes' | 'pushed_bytes', number | string | null>

/** The columns of an organisation's quota and use. */
export const quotaColumns = (db: Db) =>
  db
    .selectFrom('organisations')
    .innerJoin('organisation_use', 'organisation_use.organisation_id', 'organisations.id')
    .selectAll('organisations')
    .select(['organisation_use.devices', 'organisation_use.storage_bytes'])
    // An organisation has at most 64 open uploads of each sort.
    .select(({ selectFrom }) => [
      selectFrom('uploads')
        .select(({ fn }) => fn.sum<number>('uploads.size_bytes').as('bytes'))
        .whereRef('uploads.organisation_id', '=', 'organisations.id')
        .as('coming_bytes'),
      selectFrom('registry_uploads')
        .select(({ fn }) => fn.sum<number>('registry_uploads.reserved_bytes').as('bytes'))
        .whereRef('registry_uploads.organisation_id', '=', 'organisations.id')
        .as('pushed_bytes'),
    ])

const rowOf = (db: Db, id: OrganisationId): Promise<QuotaRow> =>
  quotaColumns(db).where('organisations.id', '=', id).executeTakeFirstOrThrow()

/** Throws if the organisation has as many devices as it may have. */
export async function requireDeviceRoom(tx: Tx, id: OrganisationId): Promise<void> {
  const { devices, devices_max: max } = await rowOf(tx, id)
  if (max == null || devices < max) return
  const message = `the organisation may have ${max} devices, and has ${devices}; remove some, or ask the operator of this hub for a larger quota`
  throw problem('device_quota_reached', message, { quota: 'devices', max, used: devices })
}

/** Throws if the additional bytes would exceed the organisation's quota. */
export async function requireStorageRoom(tx: Tx, id: OrganisationId, bytes: number): Promise<void> {
  const row = await rowOf(tx, id)
  const max = row.storage_bytes_max
  const used = storedBy(row)
  if (max == null || used + bytes <= max) return
  const message = `the organisation may store ${max} bytes, stores ${used} and needs ${bytes} more; remove versions, or ask the operator of this hub for a larger quota`
  throw problem('storage_quota_reached', message, { quota: 'storageBytes', max, used })
}

/** Includes the bytes of open uploads. Otherwise many uploads at once could each use the whole quota. */
const storedBy = ({ storage_bytes, coming_bytes, pushed_bytes }: QuotaRow): number =>
  storage_bytes + Number(coming_bytes ?? 0) + Number(pushed_bytes ?? 0)

/** The organisation's quota as the API shows it. */
export const quotaOf = ({ devices_max, storage_bytes_max, requests_per_minute_max }: QuotaRow): Quota => ({
  ...(devices_max != null && { devices: devices_max }),
  ...(storage_bytes_max != null && { storageBytes: storage_bytes_max }),
  ...(requests_per_minute_max != null && { requestsPerMinute: requests_per_minute_max }),
})

/** The same for the audit trail, which also records absent bounds. */
export const boundsOf = ({ devices_max, storage_bytes_max, requests_per_minute_max }: QuotaRow) => ({
  devices: devices_max ?? null,
  storageBytes: storage_bytes_max ?? null,
  requestsPerMinute: requests_per_minute_max ?? null,
})

/** Its use as the API shows it. */
export const useOf = (row: QuotaRow, requests: Hub['requestQuota']): Use => ({
  devices: row.devices,
  storageBytes: storedBy(row),
  requestsPerMinute: requests.used(row.id),
})

/** The use of the caller's own organisation. */
export async function ownUse({ store, requestQuota }: Hub, id: OrganisationId): Promise<{ quota: Quota; use: Use }> {
  const row = await rowOf(store.db, id)
  return { quota: quotaOf(row), use: useOf(row, requestQuota) }
}
