/**
 * Queue handed: values that were handed to a queue in an earlier run of its thread or process, and never reached it.
 */
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
  /** False if the disk is full. */
  unlessFull(work: () => void): boolean
}

/** Must be called before any new value is stored. */
export function countUnstored(queue: HandedQueue, handed: Handed): void {
  const { counter, counts, fromMs, toMs, isKnown } = handed
  const { database, next } = queue
  const row = database.prepare('SELECT urgent, normal, bulk FROM handed WHERE counter = ?').get(counter)
  const kept = row && { urgent: Number(row.urgent), normal: Number(row.normal), bulk: Number(row.bulk) }
  // If no queue has been opened with this counter, none of its values is in a queue.
  const ahead = kept ?? (isKnown ? undefined : numberedIn(queue))
  const missing = missingOf({ handed: counts, numbered: numberedIn(queue), ahead })
  for (const lane of Priority.options) {
    const first = next(lane)
    const count = missing[lane]
    if (count > 0) queue.lose({ lane, reason: 'unstored', first, last: first + count - 1, count, fromMs, toMs })
  }
  const now = aheadOf({ handed: counts, numbered: numberedIn(queue) })
  if (isSameCount(kept, now)) return
  // On a full disk the record stays unchanged. After the next kill, the queue then knows less, and never counts too
  // much.
  queue.unlessFull(() => {
    const { urgent, normal, bulk } = now
    database.prepare('INSERT OR REPLACE INTO handed VALUES (1, ?, ?, ?, ?)').run(counter, urgent, normal, bulk)
  })
}

/** The values that are stored or counted as lost, in both lanes of each priority. */
function numberedIn({ next }: HandedQueue): PriorityCounts {
  const given = (priority: Priority) => next(priority) - 1 + (next(`${priority}-late`) - 1)
  return { urgent: given('urgent'), normal: given('normal'), bulk: given('bulk') }
}
