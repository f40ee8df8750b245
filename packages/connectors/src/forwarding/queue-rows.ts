/** Queue rows: the batches of a queue in SQLite, and what is known of each lane without asking for them. */
import type { DatabaseSync } from 'node:sqlite'
import { Lane, type SinkValue } from '@skerry/contract/sinks/sink-value'
import { encodeBatch } from './batch-blob.ts'

export type RowHead = {
  first: number
  last: number
  bytes: number
  atMs: number
  fromMs: number
  toMs: number
}

export type LaneState = {
  lane: Lane
  /** The number of the next value. */
  next: number
  /** Up to here all have been delivered, or are among the losses. */
  done: number
  bytes: number
  /** Values that wait. */
  waiting: number
  head: RowHead | undefined
}

/** What SQLite itself needs for a row, roughly. */
const ROW_BYTES = 64

export type QueueRows = ReturnType<typeof openQueueRows>

/** Whoever changes rows does so within a transaction; after one that failed, `load` is asked again. */
export function openQueueRows(database: DatabaseSync) {
  const { insert, keep, oldest, after, removeUpTo } = prepare(database)
  const headOf = (lane: Lane, afterFirst: number): RowHead | undefined => {
    const row = oldest.get(lane, afterFirst)
    if (!row) return undefined
    const first = Number(row.first)
    return {
      first,
      last: first + Number(row.count) - 1,
      bytes: Number(row.bytes),
      atMs: Number(row.at_ms),
      fromMs: Number(row.from_ms),
      toMs: Number(row.to_ms),
    }
  }
  /** Everything up to `last` is done; gives how many values that were. The rows stay, and are not looked at any more. */
  const pass = (state: LaneState, last: number): number => {
    let count = 0
    for (let { head } = state; head && head.first <= last; head = state.head) {
      count += Math.min(head.last, last) - Math.max(head.first - 1, state.done)
      state.done = Math.min(head.last, last)
      if (head.last > last) break
      state.bytes -= head.bytes
      state.head = headOf(state.lane, head.last)
    }
    // What was lost for want of room has numbers, and no rows.
    state.done = Math.max(state.done, last)
    state.waiting -= count
    return count
  }
  return {
    load: () => Lane.options.map((lane) => loadLane(database, lane, headOf(lane, 0))),
    append(state: LaneState, values: readonly SinkValue[], atMs: number): void {
      const content = encodeBatch(values)
      const bytes = content.length + ROW_BYTES
      const [fromMs, toMs] = spanOf(values)
      insert.run(state.lane, state.next, values.length, bytes, atMs, fromMs, toMs, content)
      state.next += values.length
      state.waiting += values.length
      state.bytes += bytes
      state.head ??= headOf(state.lane, state.done)
    },
    pass,
    /** The same, and the rows go. */
    finish(state: LaneState, last: number): number {
      // Counted before they go.
      const count = pass(state, last)
      removeUpTo.run(state.lane, last, last)
      return count
    },
    keep: (state: LaneState) => void keep.run(state.lane, state.next, state.done),
    /** The row that begins at `first`, or the one after it. */
    rowFrom(lane: Lane, first: number): { first: number; content: Uint8Array } | undefined {
      const row = after.get(lane, first)
      return row && { first: Number(row.first), content: row.content as Uint8Array }
    },
  }
}

const prepare = (database: DatabaseSync) => ({
  insert: database.prepare(
    'INSERT INTO batch (lane, first, count, bytes, at_ms, from_ms, to_ms, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  ),
  keep: database.prepare(
    'INSERT INTO lane (lane, next, done) VALUES (?, ?, ?) ON CONFLICT (lane) DO UPDATE SET next = excluded.next, done = excluded.done',
  ),
  oldest: database.prepare(
    'SELECT first, count, bytes, at_ms, from_ms, to_ms FROM batch WHERE lane = ? AND first > ? ORDER BY first LIMIT 1',
  ),
  after: database.prepare(
    'SELECT first, count, content FROM batch WHERE lane = ? AND first >= ? ORDER BY first LIMIT 1',
  ),
  removeUpTo: database.prepare('DELETE FROM batch WHERE lane = ? AND first <= ? AND first + count - 1 <= ?'),
})

function loadLane(database: DatabaseSync, lane: Lane, head: RowHead | undefined): LaneState {
  const kept = database.prepare('SELECT next, done FROM lane WHERE lane = ?').get(lane)
  const sums = database.prepare('SELECT sum(bytes) AS bytes, sum(count) AS count FROM batch WHERE lane = ?').get(lane)
  const next = Number(kept?.next ?? 1)
  const done = Number(kept?.done ?? 0)
  // Of the oldest row a part may have been sent.
  const sent = head ? Math.max(0, done - head.first + 1) : 0
  return { lane, next, done, bytes: Number(sums?.bytes ?? 0), waiting: Number(sums?.count ?? 0) - sent, head }
}

function spanOf(values: readonly SinkValue[]): [number, number] {
  let from = Number.POSITIVE_INFINITY
  let to = 0
  for (const { eventTimeMs } of values) {
    if (eventTimeMs < from) from = eventTimeMs
    if (eventTimeMs > to) to = eventTimeMs
  }
  return [from, to]
}
