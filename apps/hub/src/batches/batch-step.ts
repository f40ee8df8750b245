/** Batch step: what is due of one batch, in one transaction: who is told, whose time is over, whether it has ended. */
import { hubKinds } from '@skerry/contract/batches/batch-command'
import type { BatchId, DeviceId } from '@skerry/contract/values/ids'
import { type BatchState, moved, planBatch, told } from '@skerry/core/batches/batch'
import { appendAudit } from '../audit/audit-store.ts'
import type { Tx } from '../store/store.ts'
import type { BatchTable } from '../store/tables/batch-tables.ts'
import type { EngineHub } from './batch-engine.ts'
import { findBatchById, saveBatch, stateOf } from './batch-store.ts'
import { moveJobs, setJobs, stillWaiting } from './job-store.ts'
import { relabelDevices } from './relabel.ts'

/** Of a batch: who waits and can be told, and when to look again whose time is over. */
export type Tellable = { devices: Set<DeviceId>; timeoutsDueAtMs: number }

/** Results come twenty times a second, and each look walks all that have been told. */
const TIMEOUTS_MS = 1_000

/** Rows that change in one transaction: 12 ms (measured, on SQLite), in which nobody else can write. */
const TELL_MAX = 256

/** Each is written by itself, with its history. */
const RELABEL_MAX = 32

type Done = {
  isChanged: boolean
  /** Whom to wake. */
  told: DeviceId[]
  relabelled: DeviceId[]
  isLate: boolean
}

/** True where there is more to do at once. `ready` loses those that were looked at. */
export async function stepBatch(hub: EngineHub, id: BatchId, ready: Tellable): Promise<boolean> {
  const before = await findBatchById(hub.store.db, id)
  if (!before || !isDue(stateOf(before), ready, hub.clock.nowMs())) return false
  const done = await hub.store.transaction((tx) => step(hub, tx, id, ready.devices))
  ready.timeoutsDueAtMs = hub.clock.nowMs() + TIMEOUTS_MS
  for (const deviceId of done.told) hub.jobs.find(deviceId)?.wake()
  for (const deviceId of done.relabelled) hub.bus.publish('device.changed', deviceId)
  if (done.isLate) hub.jobs.wakeTold(id)
  if (done.isChanged) hub.bus.publish('batch.changed', id)
  return done.isChanged
}

function isDue(state: BatchState, ready: Tellable, nowMs: number): boolean {
  const plan = planBatch(state, nowMs)
  const canTell = plan.tellMax > 0 && ready.devices.size > 0
  const mayTimeOut = plan.timedOutAtMs !== undefined && nowMs >= ready.timeoutsDueAtMs
  return plan.status !== state.status || canTell || plan.isExpired || mayTimeOut
}

async function step(hub: EngineHub, tx: Tx, id: BatchId, ready: Set<DeviceId>): Promise<Done> {
  const nowMs = hub.clock.nowMs()
  const row = await findBatchById(tx, id)
  const done: Done = { isChanged: false, told: [], relabelled: [], isLate: false }
  if (!row) return done
  const before = stateOf(row)
  const plan = planBatch(before, nowMs)
  let next: BatchState = { ...before, status: plan.status }
  if (plan.isExpired) next = await expire(tx, id, next, nowMs)
  if (plan.timedOutAtMs !== undefined) next = await timeOut(tx, id, next, plan.timedOutAtMs)
  done.isLate = next.counts.told < before.counts.told
  if (plan.tellMax > 0) next = await tell(hub, tx, { row, state: next, ready, max: plan.tellMax, done })
  next = { ...next, status: planBatch(next, nowMs).status }
  done.isChanged = next.status !== before.status || Object.keys(next.counts).some((key) => isMoved(before, next, key))
  if (!done.isChanged) return done
  const hasEnded = next.status !== before.status && (next.status === 'ended' || next.status === 'cancelled')
  await saveBatch(tx, id, next, hasEnded ? { ended_at_ms: nowMs } : {})
  if (hasEnded) await recordEnd(tx, row, next, nowMs)
  return done
}

const isMoved = (before: BatchState, next: BatchState, key: string) => {
  const outcome = key as keyof BatchState['counts']
  return before.counts[outcome] !== next.counts[outcome]
}

async function expire(tx: Tx, batchId: BatchId, state: BatchState, nowMs: number): Promise<BatchState> {
  const change = { outcome: 'expired' as const, decided_at_ms: nowMs, ...EXPIRED }
  return moved(state, 'waiting', 'expired', await moveJobs(tx, { batchId, from: 'waiting' }, change))
}

const EXPIRED = { code: 'batch_expired', message: 'the device did not report before the batch expired' }

async function timeOut(tx: Tx, batchId: BatchId, state: BatchState, toldAtMs: number): Promise<BatchState> {
  const change = { outcome: 'timed-out' as const, ...TIMED_OUT }
  return moved(state, 'told', 'timed-out', await moveJobs(tx, { batchId, from: 'told', toldAtMs }, change))
}

const TIMED_OUT = { code: 'job_timeout', message: 'the device received the command, but did not answer in time' }

type Telling = { row: BatchTable; state: BatchState; ready: Set<DeviceId>; max: number; done: Done }

async function tell(hub: EngineHub, tx: Tx, { row, state, ready, max, done }: Telling): Promise<BatchState> {
  const isHubs = hubKinds.has(row.kind)
  const candidates = [...ready].slice(0, Math.min(max, isHubs ? RELABEL_MAX : TELL_MAX))
  for (const id of candidates) ready.delete(id)
  const nowMs = hub.clock.nowMs()
  if (isHubs) {
    const ids = await stillWaiting(tx, row.id, candidates)
    const failed = await relabelDevices(tx, row, ids, nowMs)
    done.relabelled = ids.filter((id) => !failed.includes(id))
    const after = moved(told(state, ids.length, nowMs), 'told', 'succeeded', done.relabelled.length)
    return moved(after, 'told', 'failed', failed.length)
  }
  // Who has gone away meanwhile is looked at when it comes back.
  const present = await stillWaiting(
    tx,
    row.id,
    candidates.filter((id) => hub.jobs.find(id)),
  )
  const able = present.filter((id) => hub.jobs.find(id)?.kinds.has(row.kind))
  const outdated = present.filter((id) => !able.includes(id))
  await setJobs(tx, row.id, able, { outcome: 'told', told_at_ms: nowMs })
  await setJobs(tx, row.id, outdated, { outcome: 'failed', decided_at_ms: nowMs, ...OUTDATED })
  done.told = able
  return moved(able.length > 0 ? told(state, able.length, nowMs) : state, 'waiting', 'failed', outdated.length)
}

const OUTDATED = {
  code: 'device_outdated',
  message: 'the agent is too old to do this; update it, then retry the batch',
}

async function recordEnd(tx: Tx, row: BatchTable, { status, counts }: BatchState, atMs: number): Promise<void> {
  await appendAudit(tx, {
    organisationId: row.organisation_id,
    atMs,
    actor: { kind: 'hub', id: '', name: 'hub' },
    action: status === 'ended' ? 'batch.ended' : 'batch.cancelled',
    object: { kind: 'batch', id: row.id },
    result: 'ok',
    detail: { kind: row.kind, attempt: row.attempt, counts },
  })
}
