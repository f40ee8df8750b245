/**
 * Result flusher: gathers job results of devices for a moment and stores them in one transaction, because each commit
 * waits for the disk. The hub answers a device when its result is on the disk.
 */

import type { JobResult } from '@skerry/contract/batches/job'
import type { Cause } from '@skerry/contract/devices/item'
import type { BatchId, DeviceId } from '@skerry/contract/values/ids'
import { moved, outcomeAfter } from '@skerry/core/batches/batch'
import type { Hub } from '../hub.ts'
import { toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { BatchJobTable, BatchTable } from '../store/tables/batch-tables.ts'
import { findBatchById, saveBatch, stateOf } from './batch-store.ts'
import { findJob, setJobs } from './job-store.ts'
import { takeResult } from './result-takers.ts'

/** As for reports: the first result after a quiet moment is stored at once. */
const FLUSH_MS = 50

/**
 * The results in one transaction. They take 12 ms, or 50 ms with the longest outputs (measured, on SQLite), and all
 * other work waits meanwhile.
 */
const BATCH_MAX = 64

/** The largest output of 1,000 devices. Above it the hub stores a result without its output. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024

export type ResultFlusher = AsyncDisposable & {
  /** Resolves when the result is stored: true if it counted. Rejects if it cannot be stored. */
  submit(deviceId: DeviceId, result: JobResult): Promise<boolean>
}

type Waiting = {
  deviceId: DeviceId
  result: JobResult
  resolve(counted: boolean): void
  reject(error: unknown): void
}

export function createResultFlusher(hub: Hub): ResultFlusher {
  let gathered: Waiting[] = []
  let running: Promise<void> | undefined
  const run = async () => {
    while (gathered.length > 0) {
      const batch = gathered.slice(0, BATCH_MAX)
      gathered = gathered.slice(BATCH_MAX)
      await store(hub, batch)
      if (gathered.length < BATCH_MAX) await hub.clock.sleep(FLUSH_MS, hub.signal).catch(() => undefined)
    }
    running = undefined
  }
  return {
    submit: (deviceId, result) =>
      new Promise((resolve, reject) => {
        gathered.push({ deviceId, result, resolve, reject })
        running ??= run()
      }),
    async [Symbol.asyncDispose]() {
      await running
    },
  }
}

/**
 * Never rejects: it settles the promise of each caller. A bad result of one device must not keep the others' results
 * from being stored.
 */
async function store(hub: Hub, batch: readonly Waiting[]): Promise<void> {
  try {
    const { counted, changed } = await hub.store.transaction((tx) => storeAll(hub, tx, batch))
    for (const [place, waiting] of batch.entries()) waiting.resolve(counted[place] ?? false)
    for (const id of changed) hub.bus.publish('batch.changed', id)
  } catch (error) {
    if (batch.length > 1) {
      for (const waiting of batch) await store(hub, [waiting])
      return
    }
    for (const { deviceId, reject } of batch) {
      hub.log.error('job_result_not_stored', { deviceId, error })
      reject(error)
    }
  }
}

async function storeAll(hub: Hub, tx: Tx, batch: readonly Waiting[]) {
  const known = new Map<BatchId, BatchTable | undefined>()
  const counted: boolean[] = []
  for (const { deviceId, result } of batch) {
    const { batchId } = result
    if (!known.has(batchId)) known.set(batchId, await findBatchById(tx, batchId))
    const before = known.get(batchId)
    const after = before && (await storeOne(tx, { batch: before, deviceId, result, nowMs: hub.clock.nowMs() }))
    if (after) known.set(batchId, after)
    counted.push(after !== undefined)
  }
  const changed = new Set(batch.filter((_, place) => counted[place]).map(({ result }) => result.batchId))
  for (const id of changed) {
    const row = known.get(id)
    if (row) await saveBatch(tx, id, stateOf(row), { output_bytes: row.output_bytes })
  }
  return { counted, changed }
}

type One = { batch: BatchTable; deviceId: DeviceId; result: JobResult; nowMs: number }

/** The batch after the result; undefined if the result changes nothing. */
async function storeOne(tx: Tx, { batch, deviceId, result, nowMs }: One): Promise<BatchTable | undefined> {
  const job = await findJob(tx, batch.id, deviceId)
  if (!job || !outcomeAfter(job, result)) return undefined
  const problem = await takeResult(tx, { batch, deviceId, result, nowMs })
  return storeOutcome(tx, { batch, job, nowMs, result: problem ? refusedResult(result, problem) : result })
}

/** The output stays, so that a person can read it. */
const refusedResult = (result: JobResult, cause: Cause): JobResult => ({ ...result, outcome: 'failed', cause })

type Decided = { batch: BatchTable; job: BatchJobTable; result: JobResult; nowMs: number }

async function storeOutcome(tx: Tx, { batch, job, result, nowMs }: Decided): Promise<BatchTable | undefined> {
  const { device_id: deviceId } = job
  const outcome = outcomeAfter(job, result)
  if (!outcome) return undefined
  const bytes = Buffer.byteLength(result.output ?? '')
  const hasRoom = bytes > 0 && batch.output_bytes + bytes <= OUTPUT_BYTES_MAX
  const { cause, durationMs, output } = result
  await setJobs(tx, batch.id, [deviceId], {
    outcome,
    decided_at_ms: nowMs,
    duration_ms: durationMs ?? null,
    code: cause?.code ?? null,
    message: cause?.message ?? (bytes > 0 && !hasRoom ? NO_ROOM : null),
    output_bytes: hasRoom ? bytes : null,
  })
  if (hasRoom) await keepOutput(tx, batch.id, deviceId, output ?? '')
  const { counts } = moved(stateOf(batch), job.outcome, outcome, 1)
  return { ...batch, counts: toJson(counts), output_bytes: batch.output_bytes + (hasRoom ? bytes : 0) }
}

const NO_ROOM =
  'the output was not stored, because the outputs of the batch take 64 MiB already; create smaller batches'

async function keepOutput(tx: Tx, batchId: BatchId, deviceId: DeviceId, output: string): Promise<void> {
  await tx
    .insertInto('batch_outputs')
    .values({ batch_id: batchId, device_id: deviceId, output })
    .onConflict((conflict) => conflict.columns(['batch_id', 'device_id']).doUpdateSet({ output }))
    .execute()
}
