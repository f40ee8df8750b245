/** Duplicate store: devices whose certificate and key are used in two places at once. One of the two is a copy, and nobody can tell which. */
import type { DeviceDetail } from '@skerry/contract/device'
import type { DeviceId } from '@skerry/contract/ids'
import { DUPLICATE_FRESH_MS } from '@skerry/core/alert-facts'
import { appendAudit } from '../audit/audit-store.ts'
import type { DeviceTable } from '../store/foundation-tables.ts'
import type { Db, Tx } from '../store/store.ts'
import { appendEvents } from './event-store.ts'

export type Duplicate = {
  device: Pick<DeviceTable, 'id' | 'organisation_id' | 'name'>
  /** The address of the one that is heard. */
  kept: string
  /** That of the other. */
  other: string
  nowMs: number
}

/** A copy tries again each minute, for months: an hour apart is often enough for a record. */
const RECORD_MS = 3_600_000

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
  const isSame = before?.kept_source === kept && before.other_source === other
  const recordedMs = nowMs - row.first_at_ms
  if (
    !isNew &&
    isSame &&
    Math.floor(recordedMs / RECORD_MS) === Math.floor((before.last_at_ms - row.first_at_ms) / RECORD_MS)
  )
    return
  await appendEvents(tx, { device, atMs: nowMs, changes: [{ kind: 'duplicated', kept, other }] })
  await appendAudit(tx, {
    organisationId: device.organisation_id,
    atMs: nowMs,
    actor: { kind: 'device', id: device.id, name: device.name },
    action: 'device.duplicated',
    object: { kind: 'device', id: device.id },
    source: other,
    result: 'device_duplicated',
    detail: { name: device.name, kept, other, times },
  })
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
