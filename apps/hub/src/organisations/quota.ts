/**
 * Quota: whether an organisation may have one more device, or so many bytes more. The database counts (migrations/0001/organisation-use.ts), so that asking costs
 * two rows by their keys however large a fleet is; inside the transaction of the change, so that of two who take the last place one is late.
 */

import type { Quota, Use } from '@skerry/contract/people/organisation'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import type { Db, Tx } from '../store/store.ts'
import type { OrganisationUseTable } from '../store/tables/access/tenant-tables.ts'
import type { OrganisationTable } from '../store/tables/foundation-tables.ts'

export type QuotaRow = Pick<OrganisationTable, 'id' | 'devices_max' | 'storage_bytes_max' | 'requests_per_minute_max'> &
  Pick<OrganisationUseTable, 'devices' | 'storage_bytes'> & { coming_bytes: number | string | null }

/** What is selected of an organisation for its quota and its use. */
export const quotaColumns = (db: Db) =>
  db
    .selectFrom('organisations')
    .innerJoin('organisation_use', 'organisation_use.organisation_id', 'organisations.id')
    .selectAll('organisations')
    .select(['organisation_use.devices', 'organisation_use.storage_bytes'])
    // At most 64 uploads are open.
    .select(({ selectFrom }) =>
      selectFrom('uploads')
        .select(({ fn }) => fn.sum<number>('uploads.size_bytes').as('bytes'))
        .whereRef('uploads.organisation_id', '=', 'organisations.id')
        .as('coming_bytes'),
    )

const rowOf = (db: Db, id: OrganisationId): Promise<QuotaRow> =>
  quotaColumns(db).where('organisations.id', '=', id).executeTakeFirstOrThrow()

/** Throws where the organisation has as many devices as it may. */
export async function requireDeviceRoom(tx: Tx, id: OrganisationId): Promise<void> {
  const { devices, devices_max: max } = await rowOf(tx, id)
  if (max == null || devices < max) return
  const message = `the organisation may have ${max} devices, and has ${devices}; remove some, or ask the operator of this hub for a larger quota`
  throw problem('device_quota_reached', message, { quota: 'devices', max, used: devices })
}

/** Throws where so many bytes more would be beyond what the organisation may store. */
export async function requireStorageRoom(tx: Tx, id: OrganisationId, bytes: number): Promise<void> {
  const row = await rowOf(tx, id)
  const max = row.storage_bytes_max
  const used = storedBy(row)
  if (max == null || used + bytes <= max) return
  const message = `the organisation may store ${max} bytes, stores ${used} and needs ${bytes} more; remove versions, or ask the operator of this hub for a larger quota`
  throw problem('storage_quota_reached', message, { quota: 'storageBytes', max, used })
}

/** With what is on its way: else many uploads at once would be as many quotas. */
const storedBy = ({ storage_bytes, coming_bytes }: QuotaRow): number => storage_bytes + Number(coming_bytes ?? 0)

/** The organisation's quota as the API shows it. */
export const quotaOf = ({ devices_max, storage_bytes_max, requests_per_minute_max }: QuotaRow): Quota => ({
  ...(devices_max != null && { devices: devices_max }),
  ...(storage_bytes_max != null && { storageBytes: storage_bytes_max }),
  ...(requests_per_minute_max != null && { requestsPerMinute: requests_per_minute_max }),
})

/** The same for the audit trail, which says also what is not bounded. */
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

/** The caller's own organisation. */
export async function ownUse({ store, requestQuota }: Hub, id: OrganisationId): Promise<{ quota: Quota; use: Use }> {
  const row = await rowOf(store.db, id)
  return { quota: quotaOf(row), use: useOf(row, requestQuota) }
}
