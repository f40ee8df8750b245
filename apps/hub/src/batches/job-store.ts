/** Job store: the devices of batches, a row each, and what they gave back. */
import type { BatchDevice, JobOutcome } from '@skerry/contract/batches/batch'
import type { DeviceStatus } from '@skerry/contract/devices/device'
import type { BatchId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { padded, piecesOf } from '../store/many-rows.ts'
import type { Db, Tx } from '../store/store.ts'
import type { BatchJobTable, BatchTable } from '../store/tables/batch-tables.ts'

/** A device that waits for approval, or was revoked, is none of ours to command; one in quarantine, or being wiped, is told nothing. */
export const COMMANDED: readonly DeviceStatus[] = ['active', 'conflict-paused']

export type NewJob = { id: DeviceId; name: string; site: string }

/** All of a new batch. */
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

/** One page, by the device's name. */
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

/** The job of a device, by its id or the name that it had. */
export function findJob(db: Db, batchId: BatchId, device: string): Promise<BatchJobTable | undefined> {
  return db
    .selectFrom('batch_jobs')
    .selectAll()
    .where('batch_id', '=', batchId)
    .where(device.startsWith('dev_') ? 'device_id' : 'device', '=', device as DeviceId)
    .executeTakeFirst()
}

/** What a device gave back, where it did. */
export async function outputOf(db: Db, batchId: BatchId, deviceId: DeviceId): Promise<string | undefined> {
  const row = await db
    .selectFrom('batch_outputs')
    .select('output')
    .where('batch_id', '=', batchId)
    .where('device_id', '=', deviceId)
    .executeTakeFirst()
  return row?.output
}

/** On how many devices what went wrong, most frequent first. */
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

/** Those that an attempt of a batch is for. */
export async function devicesOfAttempt(db: Db, batchId: BatchId, attempt: number): Promise<DeviceId[]> {
  const rows = await db
    .selectFrom('batch_jobs')
    .select('device_id')
    .where('batch_id', '=', batchId)
    .where('attempt', '=', attempt)
    .execute()
  return rows.map(({ device_id }) => device_id)
}

/** Those that have not been told. */
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

/** What waits for these devices, of whatever batch. */
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

/** What a device has been told and has not answered, with the batch. */
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

/** Of these devices, those that wait still and may be told; one in quarantine waits until it is released. */
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

/** Changes the rows of these devices. */
export async function setJobs(tx: Tx, batchId: BatchId, ids: readonly DeviceId[], change: Change): Promise<void> {
  if (ids.length === 0) return
  await tx
    .updateTable('batch_jobs')
    .set(change)
    .where('batch_id', '=', batchId)
    .where('device_id', 'in', padded(ids))
    .execute()
}

/** Changes all rows of an outcome, or those of them that were told at a time or before; gives how many. */
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

/** As the API lists it. */
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
