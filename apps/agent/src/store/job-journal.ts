/**
 * Job journal: the jobs that this device has begun for batches, and their outcomes. It is written before a job begins,
 * and before its outcome is reported. So each job is done once, even if it arrives twice. An entry stays until its
 * batch has expired: from then on its signature does not count.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { JobKey, JobResult } from '@skerry/contract/batches/job'
import type { JobKind } from '../jobs/job-kinds.ts'

export type BegunJob = JobKey & {
  kind: JobKind
  expiresAtMs: number
  /** The boot id of the agent that began it. */
  bootId: string
}

export type JobJournal = {
  /** Whether the job has begun here, or has ended. */
  has(key: JobKey): boolean
  begin(job: BegunJob): void
  /** Jobs that have begun and not ended, in this agent or in an earlier one. */
  begun(): BegunJob[]
  /** Stores the outcome. A job that never began has only this record. */
  end(result: JobResult, expiresAtMs: number): void
  /** Deletes the record of the job. */
  forget(key: JobKey): void
  /** Results that the hub may not have, oldest first. */
  unheard(): JobResult[]
  /** The hub has the result. The device remembers that the job is done, and deletes its output. */
  heard(key: JobKey): void
  /** The hub has lost the result. */
  doubt(key: JobKey): void
  /** Deletes entries that the hub has, if their batch has expired by then. */
  forgetExpired(nowMs: number): void
}

/** Opens the journal in the device's database. */
export function openJobJournal(database: DatabaseSync): JobJournal {
  const one = 'batch = ? AND attempt = ?'
  const find = database.prepare(`SELECT 1 FROM job WHERE ${one}`)
  const insert = database.prepare('INSERT INTO job (batch, attempt, expires_at_ms, begun) VALUES (?, ?, ?, ?)')
  const open = database.prepare('SELECT begun FROM job WHERE result IS NULL ORDER BY rowid')
  const upsert = database.prepare(
    'INSERT INTO job (batch, attempt, expires_at_ms, result) VALUES (?, ?, ?, ?) ON CONFLICT (batch, attempt) DO UPDATE SET result = excluded.result, heard = 0',
  )
  const unheard = database.prepare('SELECT result FROM job WHERE result IS NOT NULL AND heard = 0 ORDER BY rowid')
  const strip = database.prepare(`UPDATE job SET heard = 1, result = json_remove(result, '$.output') WHERE ${one}`)
  const doubt = database.prepare(`UPDATE job SET heard = 0 WHERE ${one}`)
  const remove = database.prepare(`DELETE FROM job WHERE ${one}`)
  const expire = database.prepare('DELETE FROM job WHERE heard = 1 AND expires_at_ms <= ?')
  return {
    has: ({ batchId, attempt }) => find.get(batchId, attempt) !== undefined,
    begin: (job) => void insert.run(job.batchId, job.attempt, job.expiresAtMs, JSON.stringify(job)),
    begun: () => open.all().map(({ begun }): BegunJob => JSON.parse(String(begun))),
    end(result, expiresAtMs) {
      upsert.run(result.batchId, result.attempt, expiresAtMs, JSON.stringify(result))
    },
    forget: ({ batchId, attempt }) => void remove.run(batchId, attempt),
    unheard: () => unheard.all().map(({ result }): JobResult => JSON.parse(String(result))),
    heard: ({ batchId, attempt }) => void strip.run(batchId, attempt),
    doubt: ({ batchId, attempt }) => void doubt.run(batchId, attempt),
    forgetExpired: (nowMs) => void expire.run(Math.round(nowMs)),
  }
}
