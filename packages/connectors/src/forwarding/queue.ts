/**
 * Forward queue: what waits on the disk for one sink. What `append` gave back is on the disk, and is delivered or among the losses afterwards, whatever
 * happens: power cuts at any byte, a full disk, a clock that jumps. Lanes are first in, first out.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Loss, LossReason } from '@skerry/contract/sinks/sink-loss'
import type { SinkQueue } from '@skerry/contract/sinks/sink-queue'
import type { Lane, SinkBatch, SinkValue, StreamId } from '@skerry/contract/sinks/sink-value'
import { type LaneFacts, nextDrop } from '@skerry/core/equipment/forward-plan'
import { transaction } from '@skerry/platform/files/sqlite'
import type { Clock } from '@skerry/platform/process/clock'
import { decodeBatch } from './batch-blob.ts'
import type { Handed } from './hand-over.ts'
import { openLossReserve } from './loss-reserve.ts'
import { beginQueue, openTables } from './queue-file.ts'
import { countUnstored } from './queue-handed.ts'
import { openQueueLosses, type QueueLosses } from './queue-losses.ts'
import { type LaneState, openQueueRows, type QueueRows } from './queue-rows.ts'

/** So many refused values are kept for a person to look at. */
const ASIDE_MAX = 1_000

export type QueueOptions = {
  /** Two files are made: with the endings `.sqlite` and `.reserve`; who counts what is handed over has a third, `.handed`. One process at a time may have them open. */
  path: string
  limits: Pick<SinkQueue, 'bytesMax' | 'ageMaxSeconds'>
  valuesMax: number
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
  /** All that was ever handed over for it, where somebody counts that: what of it is not here is lost. */
  handed?: Handed
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
  const { stream, nowMs } = beginQueue(database, options.clock)
  const rows = openQueueRows(database)
  const it: Queue = {
    options,
    database,
    rows,
    stream,
    nowMs,
    inFlight: new Set<Lane>(),
    losses: openQueueLosses(database, reserve),
    lanes: new Map(),
  }
  reload(it)
  const next = (lane: Lane) => laneOf(it, lane).next
  if (options.handed) countUnstored({ database, unlessFull, next, lose: (loss) => lose(it, loss) }, options.handed)
  return {
    stream,
    isReplaced,
    nowMs,
    append: (parcels) => append(it, parcels),
    take: (lane) => take(it, lane),
    finish: ({ lane, ...batch }) => settle(it, lane, lastOf(batch)),
    refuse: (batch, refused) => refuse(it, batch, refused),
    release: () => it.inFlight.clear(),
    enforce: () => {
      if (nextDrop(factsOf(it), options.limits, nowMs())) unlessFull(() => durably(it, () => enforce(it)))
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

/** As the disk has it. */
function reload(it: Queue): void {
  it.lanes = new Map(it.rows.load().map((state) => [state.lane, state]))
  const { losses, done } = it.losses.reserved()
  for (const state of it.lanes.values()) it.rows.pass(state, done[state.lane] ?? 0)
  // What found no room has numbers all the same.
  for (const { lane, last } of losses) laneOf(it, lane).next = Math.max(laneOf(it, lane).next, last + 1)
}

function laneOf({ lanes }: Queue, lane: Lane): LaneState {
  const state = lanes.get(lane)
  if (!state) throw new Error(`there is no lane ${lane}`)
  return state
}

const factsOf = ({ lanes, inFlight }: Queue) =>
  [...lanes.values()].map(({ lane, bytes, head, waiting }) => ({
    lane,
    bytes,
    waiting,
    oldestMs: head?.atMs,
    isInFlight: inFlight.has(lane),
  }))

/** One transaction. Where it fails, nothing of it is left in memory either. */
function write(it: Queue, work: () => void): void {
  try {
    transaction(it.database, () => {
      takeOver(it)
      work()
      for (const state of it.lanes.values()) it.rows.keep(state)
      const wallMs = Math.floor(it.options.clock.nowMs())
      it.database.prepare('UPDATE queue SET queue_ms = ?, wall_ms = ?').run(it.nowMs(), wallMs)
    })
  } catch (error) {
    reload(it)
    throw error
  }
}

/** What the reserve holds goes into the tables with whatever else is written. */
function takeOver(it: Queue): void {
  const reserved = it.losses.reserved()
  const lanes = Object.keys(reserved.done).length
  if (lanes + reserved.losses.length === 0) return
  it.losses.takeOver(reserved)
  for (const state of it.lanes.values()) it.rows.finish(state, reserved.done[state.lane] ?? 0)
}

function durably(it: Queue, work: () => void): void {
  it.database.exec('PRAGMA synchronous = FULL')
  write(it, work)
}

/**
 * [sqlite.org/pragma.html#pragma_synchronous] In WAL, NORMAL is whole after a power cut, and may lack the newest: what is sent then is sent twice. On a full
 * disk it is written into the reserve.
 */
function settle(it: Queue, lane: Lane, last: number, loss?: Loss): void {
  it.database.exec('PRAGMA synchronous = NORMAL')
  const work = () => {
    it.rows.finish(laneOf(it, lane), last)
    if (loss) it.losses.record(loss)
  }
  if (unlessFull(() => write(it, work))) return
  it.losses.reserve(lane, loss, last)
  it.rows.pass(laneOf(it, lane), last)
}

/** False where the disk is full. */
function unlessFull(work: () => void): boolean {
  try {
    work()
    return true
  } catch (error) {
    if (!isFull(error)) throw error
    return false
  }
}

/** [sqlite.org/rescode.html] SQLITE_FULL, and SQLITE_IOERR, which is what some file systems make of it. */
const isFull = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && [10, 13].includes(Number(error.errcode) & 0xff)

function append(it: Queue, parcels: readonly Parcel[]): { lost: number } {
  const work = () => {
    const atMs = it.nowMs()
    for (const { lane, values } of parcels) {
      for (let from = 0; from < values.length; from += it.options.valuesMax) {
        it.rows.append(laneOf(it, lane), values.slice(from, from + it.options.valuesMax), atMs)
      }
    }
    enforce(it)
  }
  if (unlessFull(() => durably(it, work))) return { lost: 0 }
  for (const { lane, values } of parcels)
    if (values.length > 0) reserve(it, lossOf({ lane, first: laneOf(it, lane).next, values }, 'disk-full'))
  return { lost: parcels.reduce((sum, { values }) => sum + values.length, 0) }
}

/** Of values that were never stored. */
function lose(it: Queue, loss: Loss): void {
  const work = () => {
    it.losses.record(loss)
    laneOf(it, loss.lane).next = loss.last + 1
  }
  if (!unlessFull(() => durably(it, work))) reserve(it, loss)
}

/** Where nothing else can be written. */
function reserve(it: Queue, loss: Loss): void {
  it.losses.reserve(loss.lane, loss, undefined)
  laneOf(it, loss.lane).next = loss.last + 1
}

function lossOf(batch: Pick<SinkBatch, 'lane' | 'first' | 'values'>, reason: LossReason): Loss {
  const { lane, first, values } = batch
  const times = values.map(({ eventTimeMs }) => eventTimeMs)
  const fromMs = times.reduce((a, b) => Math.min(a, b))
  const toMs = times.reduce((a, b) => Math.max(a, b))
  return { lane, reason, first, last: lastOf(batch), count: values.length, fromMs, toMs }
}

function enforce(it: Queue): void {
  for (;;) {
    const drop = nextDrop(factsOf(it), it.options.limits, it.nowMs())
    if (!drop) return
    loseHead(it, laneOf(it, drop.lane), drop.reason)
  }
}

function loseHead(it: Queue, state: LaneState, reason: LossReason): void {
  const loss = headLoss(state, reason)
  if (!loss) return
  it.rows.finish(state, loss.last)
  it.losses.record(loss)
}

/** What of the oldest row has not been delivered. */
function headLoss({ head, done, lane }: LaneState, reason: LossReason): Loss | undefined {
  if (!head) return undefined
  const first = Math.max(head.first, done + 1)
  const { last, fromMs, toMs } = head
  return { lane, reason, first, last, count: last - first + 1, fromMs, toMs }
}

const lastOf = ({ first, values }: Pick<SinkBatch, 'first' | 'values'>) => first + values.length - 1

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
    settle(it, lane, state.head.last, headLoss(state, 'damaged'))
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

function refuse(it: Queue, batch: SinkBatch, { code, message }: Refused): void {
  settle(it, batch.lane, lastOf(batch), lossOf(batch, 'refused'))
  // For a person to look at: on a full disk there is nothing.
  unlessFull(() => {
    const insert = it.database.prepare(
      'INSERT INTO aside (lane, sequence, code, message, value) VALUES (?, ?, ?, ?, ?)',
    )
    for (const [index, value] of batch.values.entries()) {
      insert.run(batch.lane, batch.first + index, code, message.slice(0, 500), JSON.stringify(value))
    }
    it.database.prepare('DELETE FROM aside WHERE id <= (SELECT max(id) FROM aside) - ?').run(ASIDE_MAX)
  })
}

const asideOf = (row: Record<string, unknown>): Aside => ({
  lane: row.lane as Lane,
  sequence: Number(row.sequence),
  code: String(row.code),
  message: String(row.message),
  value: String(row.value),
})
