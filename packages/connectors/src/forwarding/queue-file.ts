/** Queue file: the SQLite database of a queue, as it is opened or begun anew. */
import { randomBytes } from 'node:crypto'
import { renameSync, rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { StreamId } from '@skerry/contract/sinks/sink-value'
import { resumed, running } from '@skerry/core/equipment/queue-time'
import { openDatabase } from '@skerry/platform/files/sqlite'
import type { Clock } from '@skerry/platform/process/clock'
import { QUEUE_MIGRATIONS } from './queue-tables.ts'

/** Opens or makes it; one that is damaged is set aside. */
export function openTables(path: string): { database: DatabaseSync; isReplaced: boolean } {
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

/** Its name, and its own time. */
export function beginQueue(
  database: DatabaseSync,
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
): { stream: StreamId; nowMs: () => number } {
  const wallMs = clock.nowMs()
  const monotonicMs = clock.monotonicMs()
  const fresh = randomBytes(8).toString('hex')
  database.prepare('INSERT OR IGNORE INTO queue VALUES (1, ?, 0, ?, 0)').run(fresh, wallMs)
  const row = database.prepare('SELECT stream, queue_ms, wall_ms FROM queue').get()
  const queueMs = resumed({ queueMs: Number(row?.queue_ms), wallMs: Number(row?.wall_ms) }, wallMs)
  return {
    stream: StreamId.parse(row?.stream),
    nowMs: () => running({ queueMs, monotonicMs }, clock.monotonicMs()),
  }
}
