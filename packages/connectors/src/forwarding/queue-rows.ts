/** Queue rows: the batches of a queue in SQLite, and what is known of each lane without asking for them. */
import type { DatabaseSync } from 'node:sqlite'
import { Lane, type SinkValue } from '@skerry/contract/sink-value'
import { encodeBatch } from './batch-blob.ts'

export type RowHead = {
  id: number
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
  const insert = database.prepare(
    'INSERT INTO batch (lane, first, count, bytes, at_ms, from_ms, to_ms, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const keep = database.prepare(
    'INSERT INTO lane (lane, next, done) VALUES (?, ?, ?) ON CONFLICT (lane) DO UPDATE SET next = excluded.next, done = excluded.done',
  )
  const oldest = database.prepare(
    'SELECT id, first, count, bytes, at_ms, from_ms, to_ms FROM batch WHERE lane = ? ORDER BY first LIMIT 1',
  )
  const after = database.prepare(
    'SELECT id, first, count, content FROM batch WHERE lane = ? AND first >= ? ORDER BY first LIMIT 1',
  )
  const remove = database.prepare('DELETE FROM batch WHERE id = ?')
  const headOf = (lane: Lane): RowHead | undefined => {
    const row = oldest.get(lane)
    if (!row) return undefined
    const first = Number(row.first)
    return {
      ...{ id: Number(row.id), first, last: first + Number(row.count) - 1, bytes: Number(row.bytes) },
      ...{ atMs: Number(row.at_ms), fromMs: Number(row.from_ms), toMs: Number(row.to_ms) },
    }
  }
  return {
    load: () => Lane.options.map((lane) => loadLane(database, lane, headOf(lane))),
    append(state: LaneState, values: readonly SinkValue[], atMs: number): void {
      const content = encodeBatch(values)
      const bytes = content.length + ROW_BYTES
      const [fromMs, toMs] = spanOf(values)
      insert.run(state.lane, state.next, values.length, bytes, atMs, fromMs, toMs, content)
      state.next += values.length
      state.waiting += values.length
      state.bytes += bytes
      state.head ??= headOf(state.lane)
    },
    /** Everything up to `last` is done; rows that are done with go. Gives how many values that were. */
    finish(state: LaneState, last: number): number {
      let count = 0
      for (let { head } = state; head && head.first <= last; head = state.head) {
        count += Math.min(head.last, last) - Math.max(head.first - 1, state.done)
        state.done = Math.min(head.last, last)
        if (head.last > last) break
        remove.run(head.id)
        state.bytes -= head.bytes
        state.head = headOf(state.lane)
      }
      // What was lost for want of room has numbers, and no rows.
      state.done = Math.max(state.done, last)
      state.waiting -= count
      return count
    },
    keep: (state: LaneState) => void keep.run(state.lane, state.next, state.done),
    /** The row that begins at `first`, or the one after it. */
    rowFrom(lane: Lane, first: number): { id: number; first: number; content: Uint8Array } | undefined {
      const row = after.get(lane, first)
      return row && { id: Number(row.id), first: Number(row.first), content: row.content as Uint8Array }
    },
  }
}

function loadLane(database: DatabaseSync, lane: Lane, head: RowHead | undefined): LaneState {
  const kept = database.prepare('SELECT next, done FROM lane WHERE lane = ?').get(lane)
  const sums = database.prepare('SELECT sum(bytes) AS bytes, sum(count) AS count FROM batch WHERE lane = ?').get(lane)
  const [next, done] = [Number(kept?.next ?? 1), Number(kept?.done ?? 0)]
  // Of the oldest row a part may have been sent.
  const sent = head ? Math.max(0, done - head.first + 1) : 0
  return { lane, next, done, bytes: Number(sums?.bytes ?? 0), waiting: Number(sums?.count ?? 0) - sent, head }
}

function spanOf(values: readonly SinkValue[]): [number, number] {
  let [from, to] = [Number.POSITIVE_INFINITY, 0]
  for (const { eventTimeMs } of values) {
    if (eventTimeMs < from) from = eventTimeMs
    if (eventTimeMs > to) to = eventTimeMs
  }
  return [from, to]
}
