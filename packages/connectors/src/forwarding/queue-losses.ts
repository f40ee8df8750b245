/** Queue losses: what a queue could not keep or deliver, on its disk. Where that is full, in the reserve, until there is room again. */
import type { DatabaseSync } from 'node:sqlite'
import { Loss } from '@skerry/contract/sinks/sink-loss'
import type { Lane } from '@skerry/contract/sinks/sink-value'
import { boundedLosses, joinedLoss } from '@skerry/core/equipment/loss'
import type { LossReserve, Reserved } from './loss-reserve.ts'

/** A person reads some dozens; more are put together, and their counts stay exact. */
const LOSSES_MAX = 1_000

/** One for each lane is what a full disk leaves behind; what is more is put together. */
const RESERVED_MAX = 12

export type QueueLosses = ReturnType<typeof openQueueLosses>

export function openQueueLosses(database: DatabaseSync, reserve: LossReserve) {
  const insert = database.prepare(
    'INSERT INTO loss (lane, reason, first, last, count, from_ms, to_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const newest = database.prepare('SELECT * FROM loss WHERE lane = ? AND reason = ? ORDER BY id DESC LIMIT 1')
  const remove = database.prepare('DELETE FROM loss WHERE id = ?')
  const add = (loss: Loss) => {
    const { lane, reason, first, last, count, fromMs, toMs } = loss
    insert.run(lane, reason, first, last, count, fromMs, toMs)
  }
  const listed = () => database.prepare('SELECT * FROM loss ORDER BY id').all().map(lossOf)
  const bound = () => {
    const losses = listed()
    if (losses.length <= LOSSES_MAX) return
    database.exec('DELETE FROM loss')
    // A tenth less, so that it is not done again for the next one.
    for (const loss of boundedLosses(losses, LOSSES_MAX * 0.9)) add(loss)
  }
  let rows = listed().length
  /** Within a transaction. */
  const record = (loss: Loss) => {
    const before = newest.get(loss.lane, loss.reason)
    const joined = before && joinedLoss(lossOf(before), loss)
    if (joined) remove.run(before.id ?? null)
    add(joined ?? loss)
    rows += joined ? 0 : 1
    if (rows > LOSSES_MAX) {
      bound()
      rows = listed().length
    }
  }
  const serialKept = () => Number(database.prepare('SELECT reserve_serial FROM queue').get()?.reserve_serial)
  const reserved = (): Reserved => {
    const newest = reserve.read()
    const kept = serialKept()
    return newest.serial > kept ? newest : { serial: kept + 1, losses: [], done: {} }
  }
  return {
    record,
    list: () => [...listed(), ...reserved().losses],
    reserved,
    /** Within a transaction: what the reserve holds is in the tables from now on. */
    takeOver({ serial, losses }: Reserved): void {
      for (const loss of losses) record(loss)
      database.prepare('UPDATE queue SET reserve_serial = ?').run(serial)
    },
    /** Where nothing else can be written: a loss, or up to where a lane is done, or both. */
    reserve(lane: Lane, loss: Loss | undefined, doneTo: number | undefined): void {
      const { serial, losses, done } = reserved()
      reserve.write({
        serial,
        losses: loss ? boundedLosses(added(losses, loss), RESERVED_MAX) : losses,
        done: doneTo === undefined ? done : { ...done, [lane]: doneTo },
      })
    },
  }
}

function added(losses: readonly Loss[], loss: Loss): Loss[] {
  const index = losses.findIndex((before) => joinedLoss(before, loss))
  const before = losses[index]
  return [...losses.filter((_, at) => at !== index), (before && joinedLoss(before, loss)) ?? loss]
}

const lossOf = (row: Record<string, unknown>): Loss =>
  Loss.parse({
    lane: row.lane,
    reason: row.reason,
    first: row.first,
    last: row.last,
    count: row.count,
    fromMs: row.from_ms,
    toMs: row.to_ms,
  })
