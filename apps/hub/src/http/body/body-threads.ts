/**
 * Body threads: parse and check large bodies beside the one thread that answers everybody. There are two for the whole hub, and an
 * organisation has one at a time; so one that sends much waits behind itself, and the others have the second one.
 */
import { Worker } from 'node:worker_threads'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { type Asked, type Asking, createAsking } from '@skerry/platform/process/asking'
import { createFairQueue, type FairQueue } from '../admission/fair-queue.ts'
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

/** `idleTimer` runs while it has no job. `lost`: the answer to a job that the thread does not survive. */
type Thread = {
  worker: Worker
  asking: Asking<BodyQuestions>
  job: Job | undefined
  idleTimer: NodeJS.Timeout | undefined
  lost: BodyResult
}

export type BodyQuestions = { prepare: { question: BodyOrder; answer: BodyResult } }

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
const GONE: BodyResult = { ok: false, code: 'input_invalid', message: 'the caller has left' }
const TOO_SLOW: BodyResult = {
  ok: false,
  code: 'body_too_large',
  message: `the body takes longer than ${JOB_MS / 1_000} s to read; send less at once, and tensors as base64`,
}
const TOO_BIG: BodyResult = {
  ok: false,
  code: 'body_too_large',
  message: `the body takes more than ${HEAP_MB} MB of memory to read; send less at once, and tensors as base64`,
}

/** Gives free threads work, and starts one where none is free. */
function assign(pool: Pool): void {
  while (!pool.signal.aborted) {
    const threads = [...pool.threads]
    const free = threads.find(({ job }) => job === undefined)
    if (!free && threads.length >= THREADS_MAX) return
    const job = pool.queue.take((group) => threads.every((thread) => thread.job?.organisationId !== group))
    if (!job) return
    give(pool, free ?? startThread(pool), job).catch(() => job.end(BROKEN))
  }
}

async function give(pool: Pool, thread: Thread, job: Job): Promise<void> {
  clearTimeout(thread.idleTimer)
  thread.job = job
  const terms = { timeoutMs: JOB_MS, move: [job.order.bytes.buffer] }
  const asked = await thread.asking.ask('prepare', job.order, terms)
  job.end(resultOf(asked, thread))
  if (!asked.ok) {
    // It keeps its place, and its organisation waits, until it has ended.
    void thread.worker.terminate()
    return
  }
  thread.job = undefined
  thread.idleTimer = setTimeout(() => void thread.worker.terminate(), IDLE_MS)
  thread.idleTimer.unref()
  assign(pool)
}

function resultOf(asked: Asked<BodyResult>, { lost }: Thread): BodyResult {
  if (asked.ok) return asked.answer
  return asked.code === 'answer_late' ? TOO_SLOW : lost
}

function startThread(pool: Pool): Thread {
  const worker = new Worker(workerUrl, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } })
  const asking = createAsking<BodyQuestions>({
    // A thread has one job at a time.
    inFlightMax: 1,
    send: (message, move) => worker.postMessage(message, [...move]),
  })
  const thread: Thread = { worker, asking, job: undefined, idleTimer: undefined, lost: BROKEN }
  pool.threads.add(thread)
  worker.on('message', asking.answered)
  worker.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') thread.lost = TOO_BIG
    asking.end(error.message)
  })
  worker.on('exit', () => {
    clearTimeout(thread.idleTimer)
    asking.end('the thread ended')
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
