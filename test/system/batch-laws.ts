/** Batch laws: what must hold of batches and their jobs after every commit. */
import type { JobOutcome } from '@skerry/contract/batches/batch'
import { fromJson } from '@skerry/hub/store/json-column'
import type { Db } from '@skerry/hub/store/store'
import type { BatchTable } from '@skerry/hub/store/tables/batch-tables'
import type { Broken } from './laws.ts'

type Job = { batch_id: string; device_id: string; outcome: JobOutcome; attempt: number; told_at_ms: number | null }

const MINUTE_MS = 60_000

export async function lawsOfBatches(db: Db, broken: Broken): Promise<void> {
  const batches = await db.selectFrom('batches').selectAll().execute()
  if (batches.length === 0) return
  const jobs: Job[] = await db
    .selectFrom('batch_jobs')
    .select(['batch_id', 'device_id', 'outcome', 'attempt', 'told_at_ms'])
    .execute()
  for (const batch of batches)
    lawsOfBatch(
      batch,
      jobs.filter(({ batch_id }) => batch_id === batch.id),
      broken,
    )
}

function lawsOfBatch(batch: BatchTable, jobs: readonly Job[], broken: Broken): void {
  const { id, status, attempt, rate } = batch
  const counts = fromJson(batch.counts)
  for (const [outcome, count] of Object.entries(counts)) {
    const rows = jobs.filter((job) => job.outcome === outcome).length
    if (rows !== count) broken('counters of a batch are its rows', { id, outcome, count, rows })
  }
  const isOver = status === 'ended' || status === 'cancelled'
  if (isOver && counts.waiting + counts.told > 0) broken('a batch ends when all have been decided', { id, counts })
  const toldAtMs = jobs.filter((job) => job.attempt === attempt).flatMap(({ told_at_ms }) => told_at_ms ?? [])
  if (toldAtMs.some((atMs) => atMs < batch.start_at_ms || atMs >= batch.expires_at_ms))
    broken('a device is told between start and expiry', { id, toldAtMs, batch })
  const most = rate && fromJson(rate)
  if (most && 'perMinute' in most)
    for (const fromMs of toldAtMs) {
      const inMinute = toldAtMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + MINUTE_MS).length
      if (inMinute > most.perMinute) broken('no minute tells more devices than the rate', { id, inMinute, most })
    }
}
