/** Event store: the newest events of each device. Older ones go when newer ones come, so that writing costs the same for ever. */
import {
  DEVICE_EVENTS_MAX,
  type DeviceChange,
  type DeviceEvent,
  type DeviceEventKind,
} from '@skerry/contract/devices/device-event'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { fromJson, toJson } from '../store/json-column.ts'
import { padded, piecesOf } from '../store/many-rows.ts'
import type { Db, Tx } from '../store/store.ts'
import type { DeviceEventTable } from '../store/tables/device-event-tables.ts'

export type NewEvents = {
  device: { id: DeviceId; organisation_id: OrganisationId }
  atMs: number
  changes: readonly DeviceChange[]
}

/** Adds them in the transaction of what they tell of. Without changes it asks nothing of the database. */
export const appendEvents = (tx: Tx, events: NewEvents): Promise<void> => appendEventsOfMany(tx, [events])

/** The same for many devices, each at most once. */
export async function appendEventsOfMany(tx: Tx, many: readonly NewEvents[]): Promise<void> {
  const some = many.filter(({ changes }) => changes.length > 0)
  if (some.length === 0) return
  const newest = await newestSequences(
    tx,
    some.map(({ device }) => device.id),
  )
  const rows = some.flatMap((events) => rowsOf(events, newest.get(events.device.id) ?? 0))
  for (const piece of piecesOf(rows)) await tx.insertInto('device_events').values(piece).execute()
  for (const { device, changes } of some) {
    const forgotten = (newest.get(device.id) ?? 0) + Math.min(changes.length, DEVICE_EVENTS_MAX) - DEVICE_EVENTS_MAX
    if (forgotten <= 0) continue
    await tx.deleteFrom('device_events').where('device_id', '=', device.id).where('sequence', '<=', forgotten).execute()
  }
}

const rowsOf = ({ device, atMs, changes }: NewEvents, newest: number): DeviceEventTable[] =>
  changes.slice(-DEVICE_EVENTS_MAX).map((change, index) => ({
    device_id: device.id,
    organisation_id: device.organisation_id,
    sequence: newest + 1 + index,
    at_ms: atMs,
    kind: change.kind,
    change: toJson(change),
  }))

async function newestSequences(db: Db, deviceIds: readonly DeviceId[]): Promise<Map<DeviceId, number>> {
  const rows = await db
    .selectFrom('device_events')
    .select(({ fn }) => ['device_id', fn.max('sequence').as('sequence')])
    .where('device_id', 'in', padded(deviceIds))
    .groupBy('device_id')
    .execute()
  return new Map(rows.map(({ device_id, sequence }) => [device_id, sequence]))
}

export type EventQuery = {
  deviceId: DeviceId
  limit: number
  /** Events before this sequence. */
  before: number | undefined
  kind: DeviceEventKind | undefined
}

/** One page, newest first. */
export async function listEvents(db: Db, { deviceId, limit, before, kind }: EventQuery): Promise<DeviceEvent[]> {
  const rows = await db
    .selectFrom('device_events')
    .select(['sequence', 'at_ms', 'change'])
    .where('device_id', '=', deviceId)
    .$if(before !== undefined, (select) => select.where('sequence', '<', before ?? 0))
    .$if(kind !== undefined, (select) => select.where('kind', '=', kind ?? 'item'))
    .orderBy('sequence', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ sequence: row.sequence, atMs: row.at_ms, change: fromJson(row.change) }))
}
