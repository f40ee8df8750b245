/**
 * Job: one request on its way through a slot. Settled exactly once: by its outcome, its deadline, or its client going
 * away.
 */

import type { RunTimes } from '../seat/session.ts'
import type { WaitingJob } from './batch.ts'
import { type Failure, fail } from './failure.ts'
import type { FittedRequest } from './infer-request.ts'
import type { RawTensor } from './raw-tensor.ts'

export type SlotResult = { ok: true; outputs: RawTensor[] } | Failure

export type Job = WaitingJob &
  Pick<FittedRequest, 'inputs' | 'outputs'> & {
    /** In the queue, before any part of it has begun. */
    isWaiting: boolean
    /** `times` are those of the run that answered it. */
    settle(result: SlotResult, times?: RunTimes): void
  }

/** The run that answered a job: its times and its outputs, whether or not the caller can get them. */
export type AnsweredRun = { times: RunTimes; outputs: readonly RawTensor[] }

type JobOptions = {
  arrivedUs: number
  /** Without one, the signal alone ends it. */
  deadlineMs: number | undefined
  /** Called once, with the result of the job. */
  onSettled(job: Job, result: SlotResult, run: AnsweredRun | undefined): void
}

/** Starts the job's deadline, and listens for its client to go. */
export function createJob(
  request: FittedRequest,
  options: JobOptions,
  signal: AbortSignal,
): { job: Job; result: Promise<SlotResult> } {
  const { promise, resolve } = Promise.withResolvers<SlotResult>()
  let isSettled = false
  const cancel = () => job.settle(fail('request_cancelled', 'the client went away'))
  const expire = () =>
    job.settle(fail('deadline_passed', `no answer within ${options.deadlineMs} ms: allow more time, or send less`))
  const timer = options.deadlineMs === undefined ? undefined : setTimeout(expire, options.deadlineMs)
  const job: Job = {
    inputs: request.inputs,
    outputs: request.outputs,
    rows: request.rows,
    batchKey: request.batchKey,
    arrivedUs: options.arrivedUs,
    isWaiting: true,
    settle(outcome, times) {
      if (isSettled) return
      isSettled = true
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
      const run = outcome.ok && times ? { times, outputs: outcome.outputs } : undefined
      const result = (run && request.undeliverable?.(run.outputs)) ?? outcome
      options.onSettled(job, result, run)
      resolve(result)
    },
  }
  signal.addEventListener('abort', cancel, { once: true })
  return { job, result: promise }
}
