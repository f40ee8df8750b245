/** Statistics of one loaded version, with the meanings of Triton's statistics extension. They only ever grow. */

import type { RunTimes } from '../seat/session.ts'
import type { Failure, FailureCode } from './failure.ts'
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
  /** The rejected ones whose queue was full: their clients got the advice to repeat them in a moment. */
  turnedAway: number
  /** How often each error occurred, of those that count against the version. */
  errors: Map<string, number>
  batches: Map<number, { computeInput: Duration; computeInfer: Duration; computeOutput: Duration }>
  latency: Histogram
  outputs: OutputMoments
}

/**
 * Distinct batch sizes are bounded by `maxBatch` when batching is on; without it clients choose them, so they are
 * capped.
 */
const BATCH_SIZES_MAX = 64

const nothing = (): Duration => ({ count: 0, us: 0 })

/** Statistics of a version without any request yet. */
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
  errors: new Map(),
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

/** One request that got no answer, or whose answer its caller could not get. */
export function recordFailure(statistics: Statistics, { code, message }: Omit<Failure, 'ok'>, us: number): void {
  add(statistics.fail, us)
  statistics.failures[reasonOf(code)]++
  if (code === 'queue_full') statistics.turnedAway++
  else if (code !== 'request_cancelled') countError(statistics.errors, { code, message })
}

/** Few kinds of errors occur. Texts with changing numbers count by their code alone once there are this many. */
const ERRORS_MAX = 16

/** The reason of a failed probation has at most 1,000 characters, and a part of the text is enough to know the error. */
const ERROR_TEXT_MAX = 200

function countError(errors: Statistics['errors'], { code, message }: Omit<Failure, 'ok'>): void {
  const text = `${code}: ${message}`.slice(0, ERROR_TEXT_MAX)
  const key = errors.has(text) || errors.size < ERRORS_MAX ? text : code
  errors.set(key, (errors.get(key) ?? 0) + 1)
}

/** The most frequent error; of equal ones the earlier. Undefined without errors. */
export function frequentError({ errors }: Pick<Statistics, 'errors'>): { text: string; count: number } | undefined {
  let found: { text: string; count: number } | undefined
  for (const [text, count] of errors) if (count > (found?.count ?? 0)) found = { text, count }
  return found
}

function reasonOf(code: FailureCode): FailureReason {
  if (code === 'queue_full' || code === 'model_unready') return 'REJECTED'
  if (code === 'request_cancelled') return 'CANCELED'
  return code === 'model_failed' || code === 'output_not_finite' ? 'BACKEND' : 'OTHER'
}

function add(duration: Duration, us: number): void {
  duration.count++
  duration.us += Math.max(0, us)
}
