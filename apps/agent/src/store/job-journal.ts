/**
 * Job journal: what this device has begun for batches, and how it ended. Written before a job begins and before its end is told, so that a job
 * is done once whatever comes twice. An entry stays until its batch has expired: from then on the signature counts for nothing.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { JobKey, JobResult } from '@skerry/contract/batches/job'
import type { JobKind } from '../jobs/job-kinds.ts'

export type BegunJob = JobKey & {
  kind: JobKind
  expiresAtMs: number
  /** Of the agent that began it. */
  bootId: string
}

export type JobJournal = {
  /** Whether the job has begun here, or has ended. */
  has(key: JobKey): boolean
  begin(job: BegunJob): void
  /** Begun, and not ended: by this agent, or by one that is no more. */
  begun(): BegunJob[]
  /** How it ended; one that never began is written down by this alone. */
  end(result: JobResult, expiresAtMs: number): void
  /** It never was. */
  forget(key: JobKey): void
  /** Results that the hub is not known to have, oldest first. */
  unheard(): JobResult[]
  /** The hub has it; that it was done stays known, what it gave is not kept. */
  heard(key: JobKey): void
  /** The hub does not know any more that it had it. */
  doubt(key: JobKey): void
  /** Entries that the hub has, and whose batch has expired by then. */
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
