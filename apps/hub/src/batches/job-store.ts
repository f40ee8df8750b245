/** Job store: the devices of batches, one row each, and their output. */
import type { BatchDevice, JobOutcome } from '@skerry/contract/batches/batch'
import type { DeviceStatus } from '@skerry/contract/devices/device'
import type { BatchId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { padded, piecesOf } from '../store/many-rows.ts'
import type { Db, Tx } from '../store/store.ts'
import type { BatchJobTable, BatchTable } from '../store/tables/batch-tables.ts'

/**
 * The hub sends no commands to a pending or revoked device. It sends no jobs to a device in quarantine, or to one that
 * is being wiped.
 */
export const COMMANDED: readonly DeviceStatus[] = ['active', 'conflict-paused']

export type NewJob = { id: DeviceId; name: string; site: string }

/** Inserts all jobs of a new batch. */
export async function insertJobs(
  tx: Tx,
  batch: { id: BatchId; organisationId: OrganisationId },
  devices: readonly NewJob[],
): Promise<void> {
  const rows = devices.map(
    ({ id, name, site }): BatchJobTable => ({
      batch_id: batch.id,
      device_id: id,
      organisation_id: batch.organisationId,
      device: name,
      site,
      outcome: 'waiting',
      attempt: 1,
      told_at_ms: null,
      decided_at_ms: null,
      duration_ms: null,
      code: null,
      message: null,
      output_bytes: null,
    }),
  )
  for (const piece of piecesOf(rows)) await tx.insertInto('batch_jobs').values(piece).execute()
}

type JobPage = { batchId: BatchId; limit: number; after?: string | undefined; outcome?: JobOutcome | undefined }

/** One page of jobs, by the device's name. */
export function listJobs(db: Db, { batchId, limit, after, outcome }: JobPage): Promise<BatchJobTable[]> {
  return db
    .selectFrom('batch_jobs')
    .selectAll()
    .where('batch_id', '=', batchId)
    .$if(outcome !== undefined, (select) => select.where('outcome', '=', outcome ?? 'waiting'))
    .$if(after !== undefined, (select) => select.where('device', '>', after ?? ''))
    .orderBy('device')
    .limit(limit)
    .execute()
}

/** The job of a device, by its id or by its name at that time. */
export function findJob(db: Db, batchId: BatchId, device: string): Promise<BatchJobTable | undefined> {
  return db
    .selectFrom('batch_jobs')
    .selectAll()
    .where('batch_id', '=', batchId)
    .where(device.startsWith('dev_') ? 'device_id' : 'device', '=', device as DeviceId)
    .executeTakeFirst()
}

/** The output of a device, if it sent one. */
export async function outputOf(db: Db, batchId: BatchId, deviceId: DeviceId): Promise<string | undefined> {
  const row = await db
    .selectFrom('batch_outputs')
    .select('output')
    .where('batch_id', '=', batchId)
    .where('device_id', '=', deviceId)
    .executeTakeFirst()
  return row?.output
}

/** The outputs of devices with a job that succeeded, in the order of their ids. */
export async function outputsOf(db: Db, batchId: BatchId): Promise<string[]> {
  const rows = await db
    .selectFrom('batch_outputs')
    .innerJoin('batch_jobs', (join) =>
      join
        .onRef('batch_jobs.batch_id', '=', 'batch_outputs.batch_id')
        .onRef('batch_jobs.device_id', '=', 'batch_outputs.device_id'),
    )
    .select('batch_outputs.output')
    .where('batch_outputs.batch_id', '=', batchId)
    .where('batch_jobs.outcome', '=', 'succeeded')
    .orderBy('batch_outputs.device_id')
    .limit(RANGES_DEVICES_MAX)
    .execute()
  return rows.map(({ output }) => output)
}

/** Each output has 64 KB at most, and more devices hardly widen a range. */
const RANGES_DEVICES_MAX = 500

/** The error codes with the number of devices each, most frequent first. */
export function problemsOf(db: Db, batchId: BatchId, limit: number): Promise<{ code: string; count: number }[]> {
  return db
    .selectFrom('batch_jobs')
    .select(({ fn }) => ['code', fn.countAll<number>().as('count')])
    .where('batch_id', '=', batchId)
    .where('code', 'is not', null)
    .$narrowType<{ code: string }>()
    .groupBy('code')
    .orderBy('count', 'desc')
    .limit(limit)
    .execute()
}

/** The devices that an attempt of a batch is for. */
export async function devicesOfAttempt(db: Db, batchId: BatchId, attempt: number): Promise<DeviceId[]> {
  const rows = await db
    .selectFrom('batch_jobs')
    .select('device_id')
    .where('batch_id', '=', batchId)
    .where('attempt', '=', attempt)
    .execute()
  return rows.map(({ device_id }) => device_id)
}

/** The devices that have not received the job. */
export async function waitingDevices(
  db: Db,
  { batchId, limit, after }: { batchId: BatchId; limit: number; after: DeviceId | undefined },
): Promise<DeviceId[]> {
  const rows = await db
    .selectFrom('batch_jobs')
    .select('device_id')
    .where('batch_id', '=', batchId)
    .where('outcome', '=', 'waiting')
    .$if(after !== undefined, (select) => select.where('device_id', '>', after as DeviceId))
    .orderBy('device_id')
    .limit(limit)
    .execute()
  return rows.map(({ device_id }) => device_id)
}

/** The pending jobs of these devices, in all batches. */
export async function waitingFor(
  db: Db,
  deviceIds: readonly DeviceId[],
): Promise<{ batchId: BatchId; deviceId: DeviceId }[]> {
  if (deviceIds.length === 0) return []
  return db
    .selectFrom('batch_jobs')
    .select(['batch_id as batchId', 'device_id as deviceId'])
    .where('device_id', 'in', padded(deviceIds))
    .where('outcome', '=', 'waiting')
    .execute()
}

/** Jobs that the device has received and not answered, with their batch. */
export function toldJobs(
  db: Db,
  deviceId: DeviceId,
): Promise<(BatchTable & { outcome: JobOutcome; job_attempt: number })[]> {
  return db
    .selectFrom('batch_jobs')
    .innerJoin('batches', 'batches.id', 'batch_jobs.batch_id')
    .innerJoin('devices', 'devices.id', 'batch_jobs.device_id')
    .selectAll('batches')
    .select(['batch_jobs.outcome', 'batch_jobs.attempt as job_attempt'])
    .where('devices.status', 'in', COMMANDED)
    .where('batch_jobs.device_id', '=', deviceId)
    .where('batch_jobs.outcome', '=', 'told')
    .orderBy('batch_jobs.told_at_ms')
    .execute()
}

/**
 * The devices among these that are still pending and may receive the job. A device in quarantine waits until its
 * release.
 */
export async function stillWaiting(tx: Tx, batchId: BatchId, ids: readonly DeviceId[]): Promise<DeviceId[]> {
  if (ids.length === 0) return []
  const rows = await tx
    .selectFrom('batch_jobs')
    .innerJoin('devices', 'devices.id', 'batch_jobs.device_id')
    .select('device_id')
    .where('devices.status', 'in', COMMANDED)
    .where('batch_id', '=', batchId)
    .where('device_id', 'in', padded(ids))
    .where('outcome', '=', 'waiting')
    .execute()
  return rows.map(({ device_id }) => device_id)
}

type Change = Partial<Omit<BatchJobTable, 'batch_id' | 'device_id' | 'organisation_id'>>

/** Changes the jobs of these devices. */
export async function setJobs(tx: Tx, batchId: BatchId, ids: readonly DeviceId[], change: Change): Promise<void> {
  if (ids.length === 0) return
  await tx
    .updateTable('batch_jobs')
    .set(change)
    .where('batch_id', '=', batchId)
    .where('device_id', 'in', padded(ids))
    .execute()
}

/** Changes all rows of an outcome, or only those that received the job at a time or before. Returns their number. */
export async function moveJobs(
  tx: Tx,
  { batchId, from, toldAtMs }: { batchId: BatchId; from: JobOutcome; toldAtMs?: number | undefined },
  change: Change,
): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('batch_jobs')
    .set(change)
    .where('batch_id', '=', batchId)
    .where('outcome', '=', from)
    .$if(toldAtMs !== undefined, (update) => update.where('told_at_ms', '<=', toldAtMs ?? 0))
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}

/** The job as the API lists it. */
export const batchDeviceOf = (row: BatchJobTable): BatchDevice => ({
  id: row.device_id,
  device: row.device,
  site: row.site,
  outcome: row.outcome,
  attempt: row.attempt,
  ...(row.told_at_ms !== null && { toldAtMs: row.told_at_ms }),
  ...(row.decided_at_ms !== null && { decidedAtMs: row.decided_at_ms }),
  ...(row.duration_ms !== null && { durationMs: row.duration_ms }),
  ...(row.code !== null && { code: row.code }),
  ...(row.message !== null && { message: row.message }),
  ...(row.output_bytes !== null && { outputBytes: row.output_bytes }),
})
