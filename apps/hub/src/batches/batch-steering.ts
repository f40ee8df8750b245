/** Batch steering: what people do to a batch, each in one transaction with its audit record. What follows is the engine's. */
import type { Batch, BatchHand } from '@skerry/contract/batches/batch'
import type { BatchId } from '@skerry/contract/values/ids'
import { type BatchState, type BatchWish, handProblem, judgeWish, moved, RETRIED } from '@skerry/core/batches/batch'
import type { KeyCall } from '../http/call.ts'
import { problem, throwProblem } from '../http/problem.ts'
import { toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { BatchTable } from '../store/tables/batch-tables.ts'
import { handOf, storedHand } from './batch-hand.ts'
import { batchOf, findBatch, saveBatch, stateOf } from './batch-store.ts'
import { devicesOfAttempt, moveJobs } from './job-store.ts'
import { signFor } from './signing.ts'

type Subject = { row: BatchTable; state: BatchState; hand: BatchHand; detail: Record<string, unknown> }

/** The hub's signature: over the command, the times, and the devices. */
export const signBatch = (call: KeyCall, batchId: BatchId): Promise<Batch> =>
  steer(call, batchId, 'sign', async (tx, { row, state, hand, detail }) => {
    const devices = await devicesOfAttempt(tx, row.id, row.attempt)
    const envelope = signFor(row, devices, call.hub.signing)
    detail.signatureKeyId = envelope.signatures[0]?.keyid
    await saveBatch(tx, row.id, state, { envelope: toJson(envelope), signed_by: toJson(hand) })
  })

/** From now on, or from its start. */
export const sendBatch = (call: KeyCall, batchId: BatchId): Promise<Batch> =>
  steer(call, batchId, 'send', async (tx, { row, state, hand }) => {
    await saveBatch(tx, row.id, state, { sent_by: toJson(hand) })
  })

/** Whoever has not been told is out at once; whoever has been answers, or runs out of time. */
export const cancelBatch = (call: KeyCall, batchId: BatchId, reason: string): Promise<Batch> =>
  steer(call, batchId, 'cancel', async (tx, { row, state, hand, detail }) => {
    detail.reason = reason
    const change = { outcome: 'cancelled' as const, decided_at_ms: hand.atMs }
    const count = await moveJobs(tx, { batchId: row.id, from: 'waiting' }, change)
    const ended = state.status === 'cancelled' ? { ended_at_ms: hand.atMs } : {}
    const next = moved(state, 'waiting', 'cancelled', count)
    detail.counts = next.counts
    await saveBatch(tx, row.id, next, { cancelled_by: toJson(hand), ...ended })
  })

/** A new attempt, signed anew for those devices alone; it may take as long as the first. */
export const retryBatch = (call: KeyCall, batchId: BatchId): Promise<Batch> =>
  steer(call, batchId, 'retry', async (tx, { row, state, hand, detail }) => {
    const attempt = row.attempt + 1
    let next = state
    for (const from of RETRIED) {
      const change = { outcome: 'waiting' as const, attempt, told_at_ms: null, decided_at_ms: null, duration_ms: null }
      const cleared = { code: null, message: null }
      next = moved(next, from, 'waiting', await moveJobs(tx, { batchId: row.id, from }, { ...change, ...cleared }))
    }
    const devices = await devicesOfAttempt(tx, row.id, attempt)
    if (devices.length === 0) throw problem('batch_empty', 'no device of the batch failed, timed out or expired')
    const times = { start_at_ms: hand.atMs, expires_at_ms: hand.atMs + row.expires_at_ms - row.start_at_ms }
    const envelope = signFor({ ...row, attempt, ...times }, devices, call.hub.signing)
    Object.assign(detail, { attempt, devices: devices.length, expiresAtMs: times.expires_at_ms })
    await saveBatch(tx, row.id, next, { attempt, ...times, envelope: toJson(envelope), ended_at_ms: null })
  })

async function steer(
  call: KeyCall,
  batchId: BatchId,
  wish: BatchWish,
  work: (tx: Tx, subject: Subject) => Promise<void>,
): Promise<Batch> {
  const { hub, organisationId, caller } = call
  const atMs = hub.clock.nowMs()
  const row = await call.change(async (tx, note) => {
    const before = await findBatch(tx, { organisationId, batchId })
    if (!before) throw problem('batch_unknown')
    refuseSameHand(call, before, wish)
    const verdict = judgeWish(stateOf(before), wish, atMs)
    if (!verdict.ok) return throwProblem(verdict)
    const detail: Record<string, unknown> = { kind: before.kind, devices: before.devices }
    const state = { ...stateOf(before), status: verdict.status }
    await work(tx, { row: before, state, hand: handOf(caller, atMs), detail })
    note.detail = detail
    return findBatch(tx, { organisationId, batchId })
  })
  hub.bus.publish('batch.changed', batchId)
  if (!row) throw problem('batch_unknown')
  return batchOf(row)
}

function refuseSameHand({ hub, caller }: KeyCall, row: BatchTable, wish: BatchWish): void {
  if (!hub.config.separateBatchKeys || wish === 'cancel') return
  const signer = row.signed_by === null ? undefined : storedHand(row.signed_by).personId
  const refused = handProblem({ author: storedHand(row.created_by).personId, signer }, wish, caller.personId)
  if (refused) throwProblem(refused)
}
