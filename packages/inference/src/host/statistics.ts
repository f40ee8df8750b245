/** Statistics of one loaded version, with the meanings of Triton's statistics extension. They only ever grow. */

import type { RunTimes } from '../seat/session.ts'
import type { FailureCode } from './failure.ts'
import { createHistogram, type Histogram } from './histogram.ts'
import { createOutputMoments, type OutputMoments } from './output-moments.ts'

/** How often, and for how long in all. */
export type Duration = { count: number; us: number }

/** Prometheus' reasons, as Triton's nv_inference_request_failure has them. */
export type FailureReason = 'REJECTED' | 'CANCELED' | 'BACKEND' | 'OTHER'

export type Statistics = {
  lastInferenceMs: number
  /** Items inferred: a request with five rows counts five. */
  inferenceCount: number
  /** Runs of the model; inferences divided by executions is the mean batch. */
  executionCount: number
  success: Duration
  fail: Duration
  queue: Duration
  computeInput: Duration
  computeInfer: Duration
  computeOutput: Duration
  failures: Record<FailureReason, number>
  /** Of those that were rejected the ones whose queue was full: they were told to ask again in a moment. */
  turnedAway: number
  batches: Map<number, { computeInput: Duration; computeInfer: Duration; computeOutput: Duration }>
  latency: Histogram
  outputs: OutputMoments
}

/** Distinct batch sizes are bounded by `maxBatch` when batching is on; without it clients choose them, so they are capped. */
const BATCH_SIZES_MAX = 64

const nothing = (): Duration => ({ count: 0, us: 0 })

/** Statistics of a version that has served nobody yet. */
export const createStatistics = (): Statistics => ({
  lastInferenceMs: 0,
  inferenceCount: 0,
  executionCount: 0,
  success: nothing(),
  fail: nothing(),
  queue: nothing(),
  computeInput: nothing(),
  computeInfer: nothing(),
  computeOutput: nothing(),
  failures: { REJECTED: 0, CANCELED: 0, BACKEND: 0, OTHER: 0 },
  turnedAway: 0,
  batches: new Map(),
  latency: createHistogram(),
  outputs: createOutputMoments(),
})

/** One run of the model over `rows` items. */
export function recordRun(statistics: Statistics, rows: number, times: RunTimes): void {
  statistics.executionCount++
  const known = statistics.batches.get(rows)
  if (known === undefined && statistics.batches.size >= BATCH_SIZES_MAX) return
  const batch = known ?? { computeInput: nothing(), computeInfer: nothing(), computeOutput: nothing() }
  if (known === undefined) statistics.batches.set(rows, batch)
  add(batch.computeInput, times.inputUs)
  add(batch.computeInfer, times.inferUs)
  add(batch.computeOutput, times.outputUs)
}

/** One answered request. */
export function recordSuccess(
  statistics: Statistics,
  {
    rows,
    arrivedUs,
    times,
    nowUs,
    nowMs,
  }: { rows: number; arrivedUs: number; times: RunTimes; nowUs: number; nowMs: number },
): void {
  statistics.lastInferenceMs = nowMs
  statistics.inferenceCount += rows
  add(statistics.success, nowUs - arrivedUs)
  add(statistics.queue, times.startUs - arrivedUs)
  add(statistics.computeInput, times.inputUs)
  add(statistics.computeInfer, times.inferUs)
  add(statistics.computeOutput, times.outputUs)
  statistics.latency.record(nowUs - arrivedUs)
}

/** One request that got no answer. */
export function recordFailure(statistics: Statistics, code: FailureCode, us: number): void {
  add(statistics.fail, us)
  statistics.failures[reasonOf(code)]++
  if (code === 'queue_full') statistics.turnedAway++
}

function reasonOf(code: FailureCode): FailureReason {
  if (code === 'queue_full' || code === 'model_unready') return 'REJECTED'
  if (code === 'request_cancelled') return 'CANCELED'
  return code === 'model_failed' ? 'BACKEND' : 'OTHER'
}

function add(duration: Duration, us: number): void {
  duration.count++
  duration.us += Math.max(0, us)
}
