/**
 * Forward queue: what waits on the disk for one sink. What `append` gave back is on the disk, and is delivered or among the losses afterwards, whatever
 * happens: power cuts at any byte, a full disk, a clock that jumps. Lanes are first in, first out.
 */
import { randomBytes } from 'node:crypto'
import { renameSync, rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Loss, LossReason } from '@skerry/contract/sink-loss'
import type { SinkQueue } from '@skerry/contract/sink-queue'
import { type Lane, type SinkBatch, type SinkValue, StreamId } from '@skerry/contract/sink-value'
import { type LaneFacts, nextDrop } from '@skerry/core/forward-plan'
import { resumed, running } from '@skerry/core/queue-time'
import type { Clock } from '@skerry/platform/clock'
import { openDatabase, transaction } from '@skerry/platform/sqlite'
import { decodeBatch } from './batch-blob.ts'
import { openLossReserve } from './loss-reserve.ts'
import { openQueueLosses, type QueueLosses } from './queue-losses.ts'
import { type LaneState, openQueueRows, type QueueRows } from './queue-rows.ts'
import { QUEUE_MIGRATIONS } from './queue-tables.ts'

/** So many refused values are kept for a person to look at. */
const ASIDE_MAX = 1_000

export type QueueOptions = {
  /** Two files are made: with the endings `.sqlite` and `.reserve`. One process at a time may have them open. */
  path: string
  limits: Pick<SinkQueue, 'bytesMax' | 'ageMaxSeconds'>
  valuesMax: number
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
}

export type Parcel = { lane: Lane; values: readonly SinkValue[] }
export type Aside = { lane: Lane; sequence: number; code: string; message: string; value: string }
export type Refused = { code: string; message: string }

export type ForwardQueue = Disposable & {
  readonly stream: StreamId
  /** The database was damaged, so it was set aside, and this one begins anew: what waited in it is lost, and nobody knows how much that was. */
  readonly isReplaced: boolean
  /** Durable when it returns. Gives how many values found no room on the disk; they have their numbers, and are among the losses. */
  append(parcels: readonly Parcel[]): { lost: number }
  /** The oldest of a lane, at most `valuesMax`; they are not dropped until they are done or released. */
  take(lane: Lane): SinkBatch | undefined
  /** Delivered. Not on the disk before the next `append`: after a power cut it is sent again. */
  finish(batch: SinkBatch): void
  /** Never to be delivered: counted, and set aside. */
  refuse(batch: SinkBatch, refused: Refused): void
  release(): void
  /** Drops what the limits say. */
  enforce(): void
  lanes(): (LaneFacts & { waiting: number })[]
  /** In the time of the queue. */
  nowMs(): number
  losses(): Loss[]
  aside(): Aside[]
}

type Queue = {
  options: QueueOptions
  database: DatabaseSync
  rows: QueueRows
  losses: QueueLosses
  lanes: Map<Lane, LaneState>
  inFlight: Set<Lane>
  stream: StreamId
  nowMs: () => number
}

/** Opens or makes it. Throws where that is not possible, as on a full disk. */
export function openForwardQueue(options: QueueOptions): ForwardQueue {
  const { database, isReplaced } = openTables(options.path)
  const reserve = openLossReserve(`${options.path}.reserve`)
  const { stream, nowMs } = begin(database, options)
  const rows = openQueueRows(database)
  const it: Queue = {
    ...{ options, database, rows, stream, nowMs, inFlight: new Set<Lane>() },
    ...{ losses: openQueueLosses(database, reserve), lanes: new Map() },
  }
  reload(it)
  return {
    ...{ stream, isReplaced, nowMs },
    append: (parcels) => append(it, parcels),
    take: (lane) => take(it, lane),
    finish: (batch) => quickly(it, (lane) => void rows.finish(lane, lastOf(batch)), batch.lane),
    refuse: (batch, refused) => quickly(it, (lane) => refuse(it, lane, batch, refused), batch.lane),
    release: () => it.inFlight.clear(),
    enforce: () => {
      if (nextDrop(factsOf(it), options.limits, nowMs())) durably(it, () => enforce(it))
    },
    lanes: () => factsOf(it),
    losses: () => it.losses.list(),
    aside: () => database.prepare('SELECT * FROM aside ORDER BY id').all().map(asideOf),
    [Symbol.dispose]() {
      reserve[Symbol.dispose]()
      database.close()
    },
  }
}

function openTables(path: string): { database: DatabaseSync; isReplaced: boolean } {
  const file = `${path}.sqlite`
  const opened = openDatabase(file, QUEUE_MIGRATIONS)
  if (opened.ok) return { database: opened.database, isReplaced: false }
  if (opened.code === 'database_too_new') throw new Error(opened.message)
  renameSync(file, `${path}.damaged`)
  for (const ending of ['-wal', '-shm']) rmSync(`${file}${ending}`, { force: true })
  // Its losses belong to numbers of the queue that was.
  rmSync(`${path}.reserve`, { force: true })
  const again = openDatabase(file, QUEUE_MIGRATIONS)
  if (!again.ok) throw new Error(again.message)
  return { database: again.database, isReplaced: true }
}

function begin(database: DatabaseSync, { clock }: QueueOptions): { stream: StreamId; nowMs: () => number } {
  const [wallMs, monotonicMs] = [clock.nowMs(), clock.monotonicMs()]
  const fresh = randomBytes(8).toString('hex')
  database.prepare('INSERT OR IGNORE INTO queue VALUES (1, ?, 0, ?, 0)').run(fresh, wallMs)
  const row = database.prepare('SELECT stream, queue_ms, wall_ms FROM queue').get()
  const queueMs = resumed({ queueMs: Number(row?.queue_ms), wallMs: Number(row?.wall_ms) }, wallMs)
  return {
    stream: StreamId.parse(row?.stream),
    nowMs: () => running({ queueMs, monotonicMs }, clock.monotonicMs()),
  }
}

/** As the disk has it. */
function reload(it: Queue): void {
  it.lanes = new Map(it.rows.load().map((state) => [state.lane, state]))
  // What found no room has numbers all the same.
  for (const { lane, last } of it.losses.reserved()) {
    const state = laneOf(it, lane)
    state.next = Math.max(state.next, last + 1)
  }
}

function laneOf({ lanes }: Queue, lane: Lane): LaneState {
  const state = lanes.get(lane)
  if (!state) throw new Error(`there is no lane ${lane}`)
  return state
}

const factsOf = ({ lanes, inFlight }: Queue) =>
  [...lanes.values()].map(({ lane, bytes, head, waiting }) => ({
    ...{ lane, bytes, waiting, oldestMs: head?.atMs, isInFlight: inFlight.has(lane) },
  }))

/** One transaction. Where it fails, nothing of it is left in memory either. */
function write(it: Queue, work: () => void): void {
  const once = () => {
    try {
      transaction(it.database, () => keep(it, work))
    } catch (error) {
      reload(it)
      throw error
    }
  }
  try {
    once()
  } catch (error) {
    if (!isFull(error)) throw error
    // The journal, as long as it is, is written from its beginning again: on a full disk that is room, and a delivery can be noted.
    it.database.exec('PRAGMA wal_checkpoint(RESTART)')
    once()
  }
}

function keep(it: Queue, work: () => void): void {
  it.losses.takeOver()
  work()
  for (const state of it.lanes.values()) it.rows.keep(state)
  const wallMs = Math.floor(it.options.clock.nowMs())
  it.database.prepare('UPDATE queue SET queue_ms = ?, wall_ms = ?').run(it.nowMs(), wallMs)
}

function durably(it: Queue, work: () => void): void {
  it.database.exec('PRAGMA synchronous = FULL')
  write(it, work)
}

/** [sqlite.org/pragma.html#pragma_synchronous] In WAL, NORMAL is whole after a power cut, and may lack the newest: what is sent then is sent twice. */
function quickly(it: Queue, work: (lane: LaneState) => void, lane: Lane): void {
  it.database.exec('PRAGMA synchronous = NORMAL')
  write(it, () => work(laneOf(it, lane)))
}

/** [sqlite.org/rescode.html] SQLITE_FULL, and SQLITE_IOERR, which is what some file systems make of it. */
export const isFull = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && [10, 13].includes(Number(error.errcode) & 0xff)

function append(it: Queue, parcels: readonly Parcel[]): { lost: number } {
  try {
    durably(it, () => {
      const atMs = it.nowMs()
      for (const { lane, values } of parcels) {
        for (let from = 0; from < values.length; from += it.options.valuesMax) {
          it.rows.append(laneOf(it, lane), values.slice(from, from + it.options.valuesMax), atMs)
        }
      }
      enforce(it)
    })
    return { lost: 0 }
  } catch (error) {
    if (!isFull(error)) throw error
    for (const parcel of parcels) if (parcel.values.length > 0) loseUnstored(it, parcel)
    return { lost: parcels.reduce((sum, { values }) => sum + values.length, 0) }
  }
}

function loseUnstored(it: Queue, { lane, values }: Parcel): void {
  const state = laneOf(it, lane)
  const times = values.map(({ eventTimeMs }) => eventTimeMs)
  const [fromMs, toMs] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))]
  const first = state.next
  const last = first + values.length - 1
  it.losses.recordInReserve({ lane, reason: 'disk-full', first, last, count: values.length, fromMs, toMs })
  state.next = last + 1
}

function enforce(it: Queue): void {
  for (;;) {
    const drop = nextDrop(factsOf(it), it.options.limits, it.nowMs())
    if (!drop) return
    loseHead(it, laneOf(it, drop.lane), drop.reason)
  }
}

/** What of the oldest row has not been delivered. */
function loseHead(it: Queue, state: LaneState, reason: LossReason): void {
  const { head, done } = state
  if (!head) return
  const first = Math.max(head.first, done + 1)
  const { lane } = state
  const { last, fromMs, toMs } = head
  const count = it.rows.finish(state, last)
  if (count > 0) it.losses.record({ lane, reason, first, last, count, fromMs, toMs })
}

const lastOf = ({ first, values }: SinkBatch) => first + values.length - 1

function take(it: Queue, lane: Lane): SinkBatch | undefined {
  for (;;) {
    const state = laneOf(it, lane)
    if (!state.head) return undefined
    const first = Math.max(state.head.first, state.done + 1)
    const values = collect(it, state, first)
    if (values.length > 0) {
      it.inFlight.add(lane)
      return { stream: it.stream, lane, first, values }
    }
    durably(it, () => loseHead(it, laneOf(it, lane), 'damaged'))
  }
}

/** Values whose numbers follow each other, from `first`; none where the row that has it cannot be read. */
function collect({ rows, options: { valuesMax } }: Queue, { lane, head }: LaneState, first: number): SinkValue[] {
  const values: SinkValue[] = []
  for (let from = head?.first ?? first; values.length < valuesMax; ) {
    const row = rows.rowFrom(lane, from)
    if (row?.first !== from) return values
    const content = decodeBatch(row.content)
    if (!content) return values
    values.push(...content.slice(Math.max(0, first - from), Math.max(0, first - from) + valuesMax - values.length))
    from += content.length
  }
  return values
}

function refuse(it: Queue, state: LaneState, batch: SinkBatch, { code, message }: Refused): void {
  const last = lastOf(batch)
  const times = batch.values.map(({ eventTimeMs }) => eventTimeMs)
  const [fromMs, toMs] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))]
  const { lane } = state
  const count = it.rows.finish(state, last)
  it.losses.record({ lane, reason: 'refused', first: batch.first, last, count, fromMs, toMs })
  const insert = it.database.prepare('INSERT INTO aside (lane, sequence, code, message, value) VALUES (?, ?, ?, ?, ?)')
  for (const [index, value] of batch.values.entries()) {
    insert.run(lane, batch.first + index, code, message.slice(0, 500), JSON.stringify(value))
  }
  it.database.prepare('DELETE FROM aside WHERE id <= (SELECT max(id) FROM aside) - ?').run(ASIDE_MAX)
}

const asideOf = (row: Record<string, unknown>): Aside => ({
  ...{ lane: row.lane as Lane, sequence: Number(row.sequence), code: String(row.code) },
  ...{ message: String(row.message), value: String(row.value) },
})
