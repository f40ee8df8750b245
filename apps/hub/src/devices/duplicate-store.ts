/** Duplicate store: devices whose certificate and key are used in two places at once. One of the two is a copy, and nobody can tell which. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import type { DeviceId } from '@skerry/contract/values/ids'
import { DUPLICATE_FRESH_MS } from '@skerry/core/alerts/alert-facts'
import { appendAudit, listAudit } from '../audit/audit-store.ts'
import type { Db, Tx } from '../store/store.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { appendEvents } from './event-store.ts'

export type Duplicate = {
  device: Pick<DeviceTable, 'id' | 'organisation_id' | 'name'>
  /** The address of the one that is heard. */
  kept: string
  /** That of the other. */
  other: string
  nowMs: number
}

/**
 * No record of the trail can be deleted. A copy tries again each minute, for months: an hour apart is often enough for a record. Other addresses are
 * news sooner, and may change with each try: ten minutes apart they are at most 144 records a day.
 */
const RECORD_MS = { same: 3_600_000, changed: 600_000 }

const ACTION = 'device.duplicated'

/** Keeps it, and puts it on record where that is news. Publish `device.noted` after the commit. */
export async function recordDuplicate(tx: Tx, { device, kept, other, nowMs }: Duplicate): Promise<void> {
  const before = await findDuplicate(tx, device.id)
  const isNew = !before || nowMs - before.last_at_ms > DUPLICATE_FRESH_MS
  const places = { kept_source: kept, other_source: other }
  const times = isNew ? 1 : before.times + 1
  const row = { first_at_ms: isNew ? nowMs : before.first_at_ms, last_at_ms: nowMs, times, ...places }
  await tx
    .insertInto('device_duplicates')
    .values({ device_id: device.id, organisation_id: device.organisation_id, ...row })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(row))
    .execute()
  if (!(await isNewsForTrail(tx, { device, kept, other, nowMs }))) return
  await appendEvents(tx, { device, atMs: nowMs, changes: [{ kind: 'duplicated', kept, other }] })
  await appendAudit(tx, {
    organisationId: device.organisation_id,
    atMs: nowMs,
    actor: { kind: 'device', id: device.id, name: device.name },
    action: ACTION,
    object: { kind: 'device', id: device.id },
    source: other,
    result: 'device_duplicated',
    detail: { name: device.name, kept, other, times },
  })
}

/** By the newest record, which no try between changes. One of the future was made by a clock that has been set back since, and does not count. */
async function isNewsForTrail(tx: Tx, { device, kept, other, nowMs }: Duplicate): Promise<boolean> {
  const [newest] = await listAudit(tx, {
    organisationId: device.organisation_id,
    object: device.id,
    action: ACTION,
    toMs: nowMs + 1,
    newestFirst: true,
    limit: 1,
  })
  if (!newest) return true
  const isSame = newest.detail.kept === kept && newest.detail.other === other
  return nowMs - newest.atMs >= (isSame ? RECORD_MS.same : RECORD_MS.changed)
}

const findDuplicate = (db: Db, id: DeviceId) =>
  db.selectFrom('device_duplicates').selectAll().where('device_id', '=', id).executeTakeFirst()

/** What the API shows of it, for as long as it is news. */
export async function duplicateOf(db: Db, id: DeviceId, nowMs: number): Promise<Pick<DeviceDetail, 'duplicate'>> {
  const row = await findDuplicate(db, id)
  if (!row || nowMs - row.last_at_ms > DUPLICATE_FRESH_MS) return {}
  const { first_at_ms: sinceMs, last_at_ms: lastMs, times, kept_source: kept, other_source: other } = row
  return { duplicate: { sinceMs, lastMs, times, kept, other } }
}
