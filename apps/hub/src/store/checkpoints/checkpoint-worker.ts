/** Checkpoint worker: the thread that moves committed pages from the journal of SQLite into the database file. */
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

/** The order is `move` or `end`; the thread answers each `move` with one of these. */
export type CheckpointAnswer = { ok: true; pages: number; moved: number } | { ok: false; message: string }

const database = new DatabaseSync((workerData as { path: string }).path)
// [sqlite.org/pragma.html#pragma_wal_checkpoint] PASSIVE waits for no reader and no writer, and makes none wait.
const move = database.prepare('pragma wal_checkpoint(passive)')

function answer(): CheckpointAnswer {
  try {
    const row = move.get() ?? {}
    return { ok: true, pages: Number(row.log), moved: Number(row.checkpointed) }
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}

parentPort?.on('message', (order: 'move' | 'end') => {
  if (order === 'move') return parentPort?.postMessage(answer())
  database.close()
  return parentPort?.close()
})
