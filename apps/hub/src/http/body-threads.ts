/**
 * Body threads: parse and check large bodies beside the one thread that answers everybody. There are two for the whole hub, and an
 * organisation has one at a time; so one that sends much waits behind itself, and the others have the second one.
 */
import { Worker } from 'node:worker_threads'
import type { OrganisationId } from '@skerry/contract/ids'
import { createFairQueue, type FairQueue } from './fair-queue.ts'
import type { BodyOrder, BodyResult } from './prepared-body.ts'

export type BodyThreads = {
  /** Prepares the body when it is its turn. The order's bytes are handed over. A caller that has gone is not waited for. */
  prepare(organisationId: OrganisationId, order: BodyOrder, signal: AbortSignal): Promise<BodyResult>
}

/** One for the organisation that sends much, and one for all others. */
const THREADS_MAX = 2

/** 44 MiB of JSON in its most expensive form, empty lists, take five seconds; on a busy machine some times as long. */
const JOB_MS = 30_000

/** The largest inference as numbers takes some 500 MB on its way; a body that unfolds to more is rejected. */
const HEAP_MB = 768

/** A thread that has started answers within milliseconds; starting costs half a second of loading the schemas. */
const IDLE_MS = 300_000

/** Small bodies of many values, which no budget counts, are 16 MiB then. */
const WAITING_MAX = 64

type Job = {
  organisationId: OrganisationId
  order: BodyOrder
  /** Ends it; more than once does nothing. */
  end(result: BodyResult): void
}

type Thread = { worker: Worker; job: Job | undefined; timer: NodeJS.Timeout | undefined }

type Pool = {
  queue: FairQueue<Job>
  threads: Set<Thread>
  signal: AbortSignal
}

/** No thread runs before the first large body comes, and none after the signal has fired. */
export function createBodyThreads(signal: AbortSignal): BodyThreads {
  const pool: Pool = { queue: createFairQueue<Job>(), threads: new Set(), signal }
  signal.addEventListener('abort', () => endAll(pool), { once: true })
  return {
    async prepare(organisationId, order, callerSignal) {
      if (signal.aborted) return STOPPING
      if (pool.queue.waiting(organisationId) >= WAITING_MAX) return BUSY
      if (callerSignal.aborted) return GONE
      const { promise, resolve: end } = Promise.withResolvers<BodyResult>()
      const job: Job = { organisationId, order, end }
      const leave = () => {
        // Its bytes must not stay here: their room has been given back.
        pool.queue.remove(organisationId, job)
        end(GONE)
      }
      callerSignal.addEventListener('abort', leave, { once: true })
      pool.queue.add(organisationId, job)
      assign(pool)
      const result = await promise
      callerSignal.removeEventListener('abort', leave)
      return result
    },
  }
}

const STOPPING: BodyResult = {
  ok: false,
  code: 'hub_unavailable',
  message: 'the hub is stopping; try again in a moment',
}
const BUSY: BodyResult = { ok: false, code: 'hub_busy' }
const GONE: BodyResult = { ok: false, code: 'input_invalid', message: 'the caller has gone' }
const TOO_SLOW: BodyResult = {
  ok: false,
  code: 'body_too_large',
  message: `the body takes longer than ${JOB_MS / 1_000} s to read; send less at a time, and tensors as base64`,
}
const TOO_BIG: BodyResult = {
  ok: false,
  code: 'body_too_large',
  message: `the body takes more than ${HEAP_MB} MB of memory to read; send less at a time, and tensors as base64`,
}

/** Gives free threads work, and starts one where none is free. */
function assign(pool: Pool): void {
  while (!pool.signal.aborted) {
    const threads = [...pool.threads]
    const free = threads.find(({ job }) => job === undefined)
    if (!free && threads.length >= THREADS_MAX) return
    const job = pool.queue.take((group) => threads.every((thread) => thread.job?.organisationId !== group))
    if (!job) return
    give(free ?? startThread(pool), job)
  }
}

function give(thread: Thread, job: Job): void {
  clearTimeout(thread.timer)
  thread.job = job
  thread.timer = setTimeout(() => {
    job.end(TOO_SLOW)
    void thread.worker.terminate()
  }, JOB_MS)
  thread.worker.postMessage(job.order, [job.order.bytes.buffer])
}

function startThread(pool: Pool): Thread {
  const worker = new Worker(workerUrl, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } })
  const thread: Thread = { worker, job: undefined, timer: undefined }
  pool.threads.add(thread)
  worker.on('message', (result: BodyResult) => {
    clearTimeout(thread.timer)
    thread.job?.end(result)
    thread.job = undefined
    thread.timer = setTimeout(() => void worker.terminate(), IDLE_MS)
    thread.timer.unref()
    assign(pool)
  })
  worker.on('error', (error: NodeJS.ErrnoException) =>
    thread.job?.end(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? TOO_BIG : BROKEN),
  )
  worker.on('exit', () => {
    clearTimeout(thread.timer)
    thread.job?.end(BROKEN)
    pool.threads.delete(thread)
    assign(pool)
  })
  // An idle thread does not keep a program alive that has ended otherwise.
  worker.unref()
  return thread
}

function endAll({ queue, threads }: Pool): void {
  for (const job of queue.clear()) job.end(STOPPING)
  for (const { job, worker } of threads) {
    job?.end(STOPPING)
    void worker.terminate()
  }
}

const BROKEN: BodyResult = { ok: false, code: 'internal_error' }

/** TypeScript here, JavaScript once published. */
const workerUrl = new URL(`./body-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
