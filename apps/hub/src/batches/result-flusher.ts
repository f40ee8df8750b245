/**
 * Result flusher: gathers what devices say of their jobs for a moment and stores it in one transaction, because a commit costs a wait for the
 * disk, whoever's it is. A device is answered when its result is on the disk.
 */

import type { JobResult } from '@skerry/contract/batches/job'
import type { BatchId, DeviceId } from '@skerry/contract/values/ids'
import { moved, outcomeAfter } from '@skerry/core/batches/batch'
import type { Hub } from '../hub.ts'
import { toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { BatchTable } from '../store/tables/batch-tables.ts'
import { findBatchById, saveBatch, stateOf } from './batch-store.ts'
import { findJob, setJobs } from './job-store.ts'

/** As for reports: the first after a quiet moment is stored at once. */
const FLUSH_MS = 50

/** So many at once take 12 ms, or 50 with the longest outputs (measured, on SQLite), and nobody else gets a turn meanwhile. */
const BATCH_MAX = 64

/** What 1,000 devices give back at their most; beyond it a result is kept without its output. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024

export type ResultFlusher = AsyncDisposable & {
  /** Resolves when it is stored: true where it counted. Rejects when it cannot be. */
  submit(deviceId: DeviceId, result: JobResult): Promise<boolean>
}

type Waiting = {
  deviceId: DeviceId
  result: JobResult
  resolve(counted: boolean): void
  reject(error: unknown): void
}

/** Starts to gather. */
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

/** Never rejects: whoever waits is told. What one device says must not keep the others' results from being stored. */
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

/** The batch as it is then; undefined where the result changes nothing. */
async function storeOne(tx: Tx, { batch, deviceId, result, nowMs }: One): Promise<BatchTable | undefined> {
  const job = await findJob(tx, batch.id, deviceId)
  const outcome = job && outcomeAfter(job, result)
  if (!job || !outcome) return undefined
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
