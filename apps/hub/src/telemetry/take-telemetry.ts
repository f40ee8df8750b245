/**
 * Take telemetry: stores the values of a device, each once. The new values and the position of the lane are written in
 * one transaction.
 */

import { TELEMETRY_SIGNALS_MAX, type TelemetryBatch, type TelemetryHeld } from '@skerry/contract/hub/telemetry'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import type { LinkConnection } from '../link/link-connection.ts'
import { isWindow, keepWindows, type SentWindow } from '../monitors/take-windows.ts'
import { padded, piecesOf } from '../store/many-rows.ts'
import type { Tx } from '../store/store.ts'
import type { TelemetryTable } from '../store/tables/telemetry-tables.ts'

const HOUR_MS = 3_600_000

/** A device may begin its queue anew, with six lanes each. The positions of older queues are deleted. */
const STREAMS_MAX = 60

type Sender = Pick<LinkConnection, 'deviceId' | 'organisationId'>
type Taking = Sender & { nowMs: number; batch: TelemetryBatch }

/** The answer states the last number on the hub's disk. */
export async function takeTelemetry(
  { store, clock, bus }: Pick<Hub, 'store' | 'clock' | 'bus'>,
  { deviceId, organisationId }: Sender,
  batch: TelemetryBatch,
): Promise<TelemetryHeld> {
  const isUrgentBatch = isUrgent(batch.lane)
  const taking = { deviceId, organisationId, nowMs: clock.nowMs(), batch }
  const { held, isNews } = await store.transaction(async (tx) => {
    const before = isUrgentBatch ? await alarmStates(tx, taking) : ''
    const held = await take(tx, taking)
    return { held, isNews: isUrgentBatch && before !== (await alarmStates(tx, taking)) }
  })
  // A flow may repeat its alarm many times a second, and each page that is open looks again at each event.
  if (isNews) bus.publish('alarm.changed', deviceId)
  return held
}

/** The part of the signals of a batch by which alerts differ. */
async function alarmStates(tx: Tx, taking: Taking): Promise<string> {
  const names = [...new Set(taking.batch.values.map(({ signal }) => signal))].toSorted()
  const known = await knownSignals(tx, taking, names)
  return JSON.stringify(
    names.map((name) => [known.get(name)?.raised_at_ms ?? null, known.get(name)?.newest_text ?? null]),
  )
}

const isUrgent = (lane: TelemetryBatch['lane']) => lane === 'urgent' || lane === 'urgent-late'

/** The queue of the values that the hub derives from the reports of a device. No device makes such a name by chance. */
const DERIVED: Pick<TelemetryBatch, 'stream' | 'lane'> = { stream: '0000000000000000', lane: 'bulk' }

/** Stores values that the hub has derived from reports. A device that has no room for more signals gets none. */
export async function keepDerived(
  { store, clock }: Pick<Hub, 'store' | 'clock'>,
  { deviceId, organisationId }: Sender,
  values: SinkValue[],
): Promise<void> {
  await store.transaction(async (tx) => {
    const names = values.map(({ signal }) => signal)
    const known = await knownSignals(tx, { deviceId }, names)
    if (!(await hasRoomFor(tx, { deviceId }, names.length - known.size))) return
    const held = await tx
      .selectFrom('telemetry_streams')
      .select('last')
      .where('device_id', '=', deviceId)
      .where('stream', '=', DERIVED.stream)
      .where('lane', '=', DERIVED.lane)
      .executeTakeFirst()
    const batch = { ...DERIVED, first: (held?.last ?? 0) + 1, values }
    await take(tx, { deviceId, organisationId, nowMs: clock.nowMs(), batch })
  })
}

async function take(tx: Tx, taking: Taking): Promise<TelemetryHeld> {
  const { deviceId, batch } = taking
  const { stream, lane, first, values } = batch
  const held = await tx
    .selectFrom('telemetry_streams')
    .select(['last', 'lost'])
    .where('device_id', '=', deviceId)
    .where('stream', '=', stream)
    .where('lane', '=', lane)
    .executeTakeFirst()
  const before = held?.last ?? 0
  const last = first + values.length - 1
  if (last <= before) return { last: before }
  const fresh = numbered(taking).filter(({ sequence }) => sequence > before)
  const rows = fresh.filter(({ value }) => !isWindow(value)).map((one) => rowOf(taking, one))
  await keepWindows(
    tx,
    fresh.filter(({ value }) => isWindow(value)).map((one) => windowOf(taking, one)),
    taking.nowMs,
  )
  if (rows.length > 0) await keepValues(tx, taking, rows)
  // The numbers have no gaps: a missing one was lost on the way.
  const lost = (held?.lost ?? 0) + Math.max(0, first - before - 1)
  await keepPlace(tx, taking, { last, lost, isNew: held === undefined })
  return { last }
}

/** Windows of monitors are no values: a batch of them ends here. */
async function keepValues(tx: Tx, taking: Taking, rows: readonly TelemetryTable[]): Promise<void> {
  await keepSignals(tx, taking, rows)
  for (const piece of piecesOf(rows)) await tx.insertInto('telemetry').values(piece).execute()
  await countHour(tx, taking, rows.length)
}

type Numbered = { value: SinkValue; sequence: number }

const numbered = ({ batch: { first, values } }: Taking): Numbered[] =>
  values.map((value, index) => ({ value, sequence: first + index }))

function rowOf({ deviceId, organisationId, nowMs, batch }: Taking, { value, sequence }: Numbered): TelemetryTable {
  return {
    device_id: deviceId,
    organisation_id: organisationId,
    stream: batch.stream,
    lane: batch.lane,
    hour: Math.floor(nowMs / HOUR_MS),
    signal: value.signal,
    at_ms: value.eventTimeMs,
    sequence,
    number: numberOf(value),
    text: textOf(value),
    quality: value.quality,
    cause: value.quality === 'good' ? null : value.cause,
  }
}

const windowOf = ({ deviceId, organisationId, batch }: Taking, { value, sequence }: Numbered): SentWindow => ({
  device_id: deviceId,
  organisation_id: organisationId,
  stream: batch.stream,
  lane: batch.lane,
  sequence,
  signal: value.signal,
  text: textOf(value) ?? '',
})

/** Booleans are stored as numbers, so that a mean shows how much of the time it was true. */
function numberOf(value: SinkValue): number | null {
  const content = value.quality === 'bad' ? undefined : value.value
  if (typeof content === 'boolean') return content ? 1 : 0
  return typeof content === 'number' ? content : null
}

/** [PostgreSQL 17, 8.3] A text cannot contain a zero byte there. */
function textOf(value: SinkValue): string | null {
  const content = value.quality === 'bad' ? undefined : value.value
  if (typeof content === 'object') return JSON.stringify(content)
  return typeof content === 'string' ? content.replaceAll('\0', '\u{fffd}') : null
}

const NO_ORIGIN = { unit: null, source: null, tag: null }

async function keepSignals(tx: Tx, taking: Taking, rows: readonly TelemetryTable[]): Promise<void> {
  const { deviceId, organisationId, batch } = taking
  const origins = new Map(
    batch.values
      .filter((value) => !isWindow(value))
      .map(({ signal, unit = null, source = null, tag = null }) => [signal, { unit, source, tag }]),
  )
  const known = await knownSignals(tx, taking, [...origins.keys()])
  const changed = new Map(known)
  for (const row of rows) {
    const before = changed.get(row.signal)
    const newest = {
      newest_at_ms: row.at_ms,
      newest_number: row.number,
      newest_text: row.text,
      newest_quality: row.quality,
      raised_at_ms: raisedSince(row, before?.raised_at_ms ?? null),
    }
    changed.set(row.signal, {
      // A late value counts too.
      ...(before && row.at_ms < before.newest_at_ms ? before : newest),
      device_id: deviceId,
      organisation_id: organisationId,
      signal: row.signal,
      ...(origins.get(row.signal) ?? NO_ORIGIN),
      count: (before?.count ?? 0) + 1,
    })
  }
  await boundSignals(tx, taking, changed.size - known.size)
  for (const piece of piecesOf([...changed.values()])) {
    await tx
      .insertInto('telemetry_signals')
      .values(piece)
      .onConflict((conflict) =>
        conflict.columns(['device_id', 'signal']).doUpdateSet(({ ref }) => ({
          unit: ref('excluded.unit'),
          source: ref('excluded.source'),
          tag: ref('excluded.tag'),
          count: ref('excluded.count'),
          newest_at_ms: ref('excluded.newest_at_ms'),
          newest_number: ref('excluded.newest_number'),
          newest_text: ref('excluded.newest_text'),
          newest_quality: ref('excluded.newest_quality'),
          raised_at_ms: ref('excluded.raised_at_ms'),
        })),
      )
      .execute()
  }
}

/** A value that is bad is unknown, and so no alarm. */
function raisedSince({ lane, number, quality, at_ms }: TelemetryTable, before: number | null): number | null {
  if (!isUrgent(lane) || quality === 'bad' || number === null || number === 0) return null
  return before ?? at_ms
}

async function knownSignals(tx: Tx, { deviceId }: Pick<Taking, 'deviceId'>, names: readonly string[]) {
  const rows = await tx
    .selectFrom('telemetry_signals')
    .selectAll()
    .where('device_id', '=', deviceId)
    .where('signal', 'in', padded(names))
    .execute()
  return new Map(rows.map((row) => [row.signal, row]))
}

async function boundSignals(tx: Tx, taking: Taking, added: number): Promise<void> {
  if (await hasRoomFor(tx, taking, added)) return
  throw problem(
    'input_invalid',
    `the hub stores at most ${TELEMETRY_SIGNALS_MAX} signals of a device, and this signal is one too many`,
  )
}

async function hasRoomFor(tx: Tx, { deviceId }: Pick<Taking, 'deviceId'>, added: number): Promise<boolean> {
  if (added === 0) return true
  const { count } = await tx
    .selectFrom('telemetry_signals')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('device_id', '=', deviceId)
    .executeTakeFirstOrThrow()
  return Number(count) + added <= TELEMETRY_SIGNALS_MAX
}

async function countHour(tx: Tx, { organisationId, nowMs }: Taking, count: number): Promise<void> {
  const row = { organisation_id: organisationId, hour: Math.floor(nowMs / HOUR_MS), count }
  await tx
    .insertInto('telemetry_hours')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['organisation_id', 'hour'])
        .doUpdateSet(({ eb }) => ({ count: eb('telemetry_hours.count', '+', count) })),
    )
    .execute()
}

type Place = { last: number; lost: number; isNew: boolean }

async function keepPlace(tx: Tx, { deviceId, organisationId, nowMs, batch }: Taking, place: Place): Promise<void> {
  const row = { last: place.last, lost: place.lost, at_ms: nowMs }
  const { stream, lane } = batch
  await tx
    .insertInto('telemetry_streams')
    .values({ device_id: deviceId, organisation_id: organisationId, stream, lane, ...row })
    .onConflict((conflict) => conflict.columns(['device_id', 'stream', 'lane']).doUpdateSet(row))
    .execute()
  if (!place.isNew) return
  const newest = await tx
    .selectFrom('telemetry_streams')
    .select('at_ms')
    .where('device_id', '=', deviceId)
    .orderBy('at_ms', 'desc')
    .offset(STREAMS_MAX)
    .limit(1)
    .executeTakeFirst()
  if (!newest) return
  await tx
    .deleteFrom('telemetry_streams')
    .where('device_id', '=', deviceId)
    .where('at_ms', '<=', newest.at_ms)
    .execute()
}
