/**
 * Batch: which of its devices may be told now, what time ends, and what a device's answer means. The devices' rows stay where they are: a
 * decision is made from counters and limits, and says how many rows move from which outcome to which.
 */
import type { BatchStatus, JobCounts, JobOutcome } from '@skerry/contract/batches/batch'
import type { JobResult } from '@skerry/contract/batches/job'
import type { Rate } from '@skerry/contract/deployments/pace'
import { type Pace, paceAfter, perMinuteAt, roomNow } from '../rollouts/offer-rate.ts'

/** A batch as a decision sees it. */
export type BatchState = {
  status: BatchStatus
  counts: JobCounts
  pace: Pace
  rate?: Rate | undefined
  startAtMs: number
  expiresAtMs: number
  timeoutMs: number
}

export const noCounts: JobCounts = {
  waiting: 0,
  told: 0,
  succeeded: 0,
  failed: 0,
  'timed-out': 0,
  expired: 0,
  cancelled: 0,
}

export type BatchPlan = {
  status: BatchStatus
  /** How many waiting devices may be told now. */
  tellMax: number
  /** Whoever waits has waited for too long. */
  isExpired: boolean
  /** Whoever was told at this time or before has had its time; undefined where nobody can have. */
  timedOutAtMs: number | undefined
}

/** What is due. */
export function planBatch(batch: BatchState, nowMs: number): BatchPlan {
  const status = statusAt(batch, nowMs)
  const isTelling = status === 'running'
  const isExpired = isTelling && nowMs >= batch.expiresAtMs && batch.counts.waiting > 0
  const hasTold = batch.counts.told > 0 && (isTelling || status === 'cancelling')
  return {
    status,
    tellMax: isTelling && nowMs < batch.expiresAtMs ? Math.min(batch.counts.waiting, roomOf(batch, nowMs)) : 0,
    isExpired,
    timedOutAtMs: hasTold ? nowMs - batch.timeoutMs : undefined,
  }
}

function statusAt({ status, startAtMs, counts }: BatchState, nowMs: number): BatchStatus {
  if (status === 'scheduled' && nowMs >= startAtMs) return 'running'
  if (status === 'running' && counts.waiting + counts.told === 0) return 'ended'
  if (status === 'cancelling' && counts.told === 0) return 'cancelled'
  return status
}

function roomOf({ rate, pace, counts }: BatchState, nowMs: number): number {
  if (!rate) return counts.waiting
  const notified = counts.told + counts.succeeded + counts.failed + counts['timed-out']
  return roomNow(perMinuteAt(rate, { notified, succeeded: counts.succeeded }), pace, nowMs)
}

/** The batch once so many rows have gone from one outcome to another. */
export function moved(batch: BatchState, from: JobOutcome, to: JobOutcome, rows: number): BatchState {
  const { counts } = batch
  return { ...batch, counts: { ...counts, [from]: counts[from] - rows, [to]: counts[to] + rows } }
}

/** The batch once so many devices have been told. */
export const told = (batch: BatchState, rows: number, nowMs: number): BatchState => ({
  ...moved(batch, 'waiting', 'told', rows),
  pace: paceAfter(batch.pace, nowMs, rows),
})

/** Whether a job may be said, or said again, to its device. */
export const mayTell = ({ status, expiresAtMs }: BatchState, outcome: JobOutcome, nowMs: number): boolean =>
  status === 'running' && outcome === 'told' && nowMs < expiresAtMs

/**
 * What a device's answer makes of its row; undefined where it changes nothing: it was heard before, or is about an attempt that is over. The
 * device knows best, so an answer counts even where time had run out.
 */
export function outcomeAfter(
  row: { attempt: number; outcome: JobOutcome },
  result: Pick<JobResult, 'attempt' | 'outcome'>,
): JobOutcome | undefined {
  if (row.attempt !== result.attempt || row.outcome === 'succeeded' || row.outcome === 'failed') return undefined
  return row.outcome === result.outcome ? undefined : result.outcome
}

/** Outcomes that a retry asks again. */
export const RETRIED: readonly JobOutcome[] = ['failed', 'timed-out', 'expired']

export type BatchWish = 'sign' | 'send' | 'cancel' | 'retry'
type Refused<Code> = { ok: false; code: Code; message: string }
export type WishVerdict = { ok: true; status: BatchStatus } | Refused<'batch_event_refused' | 'batch_expiry_passed'>

const ALLOWED: Readonly<Record<BatchWish, readonly BatchStatus[]>> = {
  sign: ['draft'],
  send: ['signed'],
  cancel: ['draft', 'signed', 'scheduled', 'running'],
  retry: ['ended'],
}

/** What a person's wish makes of the batch. */
export function judgeWish(batch: BatchState, wish: BatchWish, nowMs: number): WishVerdict {
  if (!ALLOWED[wish].includes(batch.status)) {
    const message = `the batch is ${batch.status}; to ${wish} it, it must be ${ALLOWED[wish].join(' or ')}`
    return { ok: false, code: 'batch_event_refused', message }
  }
  if ((wish === 'sign' || wish === 'send') && nowMs >= batch.expiresAtMs) {
    const message = 'the batch has expired; create it again with a later expiry'
    return { ok: false, code: 'batch_expiry_passed', message }
  }
  return { ok: true, status: wishedStatus(batch, wish, nowMs) }
}

function wishedStatus({ counts, startAtMs }: BatchState, wish: BatchWish, nowMs: number): BatchStatus {
  if (wish === 'sign') return 'signed'
  if (wish === 'cancel') return counts.told > 0 ? 'cancelling' : 'cancelled'
  return wish === 'send' && nowMs < startAtMs ? 'scheduled' : 'running'
}

/** Who has had a hand in a batch so far. */
export type BatchHands = { author: string; signer?: string | undefined }

/** Where the hub wants different keys: why this one may not. */
export function handProblem(
  hands: BatchHands,
  wish: Exclude<BatchWish, 'cancel'>,
  key: string,
): Refused<'batch_key_refused'> | undefined {
  const refuse = (done: string): Refused<'batch_key_refused'> => ({
    ok: false,
    code: 'batch_key_refused',
    message: `this key has ${done} the batch, and this hub requires different keys to create, to sign and to send one; use another key to ${wish} it`,
  })
  if (hands.author === key) return refuse('created')
  return wish !== 'sign' && hands.signer === key ? refuse('signed') : undefined
}
