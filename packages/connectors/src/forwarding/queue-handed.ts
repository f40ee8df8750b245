/** Queue handed: what was handed to a queue in an earlier life of its thread or its process, and never came to be in it. */
import type { DatabaseSync } from 'node:sqlite'
import type { Loss } from '@skerry/contract/sinks/sink-loss'
import { type Lane, Priority } from '@skerry/contract/sinks/sink-value'
import { aheadOf, isSameCount, missingOf, type PriorityCounts } from '@skerry/core/equipment/hand-over'
import type { Handed } from './hand-over.ts'

export type HandedQueue = {
  database: DatabaseSync
  /** The number of the next value of a lane. */
  next(lane: Lane): number
  lose(loss: Loss): void
  /** False where the disk is full. */
  unlessFull(work: () => void): boolean
}

/** Before anything new is stored. */
export function countUnstored(queue: HandedQueue, handed: Handed): void {
  const { counter, counts, fromMs, toMs, isKnown } = handed
  const { database, next } = queue
  const row = database.prepare('SELECT urgent, normal, bulk FROM handed WHERE counter = ?').get(counter)
  const kept = row && { urgent: Number(row.urgent), normal: Number(row.normal), bulk: Number(row.bulk) }
  // Where no queue has ever been opened with it, nothing of it is in one.
  const ahead = kept ?? (isKnown ? undefined : numberedIn(queue))
  const missing = missingOf({ handed: counts, numbered: numberedIn(queue), ahead })
  for (const lane of Priority.options) {
    const first = next(lane)
    const count = missing[lane]
    if (count > 0) queue.lose({ lane, reason: 'unstored', first, last: first + count - 1, count, fromMs, toMs })
  }
  const now = aheadOf({ handed: counts, numbered: numberedIn(queue) })
  if (isSameCount(kept, now)) return
  // On a full disk it stays as it was: less is known after the next kill then, and never too much.
  queue.unlessFull(() => {
    const { urgent, normal, bulk } = now
    database.prepare('INSERT OR REPLACE INTO handed VALUES (1, ?, ?, ?, ?)').run(counter, urgent, normal, bulk)
  })
}

/** Stored or counted as lost, in both lanes of each priority. */
function numberedIn({ next }: HandedQueue): PriorityCounts {
  const given = (priority: Priority) => next(priority) - 1 + (next(`${priority}-late`) - 1)
  return { urgent: given('urgent'), normal: given('normal'), bulk: given('bulk') }
}
