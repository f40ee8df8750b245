/** Instance: the main thread's handle on one worker that holds one session. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { turnTelemetryOff } from './runtime-telemetry.ts'
import type { Signature } from './session.ts'
import { sourceUrl } from './source-url.ts'
import {
  buffersToMove,
  type RunOrder,
  type RunReport,
  type WorkerOrder,
  type WorkerReport,
  type WorkerTask,
} from './worker-message.ts'

export type Instance = {
  signature: Signature
  /** Resolves with the worker's answer, or with undefined when the worker ended before it. Never rejects. */
  run(order: RunOrder): Promise<RunReport | undefined>
  /** Why the worker ended without being asked to; never resolves for one that was asked. */
  crashed: Promise<string>
  /** False when a run kept its thread for so long: then the worker ends by itself, once the run has. */
  stop(waitMs?: number): Promise<boolean>
}

export type InstanceStart = { ok: true; instance: Instance } | { ok: false; code: 'model_load_failed'; message: string }

/** BYTES tensors become JavaScript strings in the worker; this heap holds the largest body of them several times over. */
const WORKER_HEAP_MB_MAX = 512

/** A worker keeps little that is young: half of Node's default saves about 8 MB an instance. */
const WORKER_YOUNG_MB_MAX = 8

/** Stopping waits for the run that blocks the thread; ten seconds is past any sensible single run. */
const STOP_WAIT_MS = 10_000

/** Loads a model in a new worker. Aborting rejects at once; the worker ends by itself, once its load has. */
export async function startInstance(task: WorkerTask, signal: AbortSignal): Promise<InstanceStart> {
  signal.throwIfAborted()
  turnTelemetryOff()
  const worker = new Worker(sourceUrl('worker'), {
    workerData: task,
    name: 'model',
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB_MAX, maxYoungGenerationSizeMb: WORKER_YOUNG_MB_MAX },
  })
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    const first = await Promise.race([firstReport(worker), aborted.promise])
    signal.throwIfAborted()
    if (first.kind === 'ready') return { ok: true, instance: handle(worker, first.signature) }
    await worker.terminate()
    return { ok: false, code: 'model_load_failed', message: first.message }
  } catch (cause) {
    leave(worker)
    throw cause
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/**
 * Has a worker end by itself: its order to stop waits behind what it does. A thread that is terminated while native code runs in it takes the whole
 * process down when that returns.
 */
function leave(worker: Worker): void {
  worker.postMessage({ kind: 'stop' } satisfies WorkerOrder)
  worker.unref()
}

type FirstReport = Exclude<WorkerReport, RunReport>

function firstReport(worker: Worker): Promise<FirstReport> {
  return new Promise((resolve) => {
    worker.once('message', resolve)
    worker.once('error', (cause) => resolve({ kind: 'refused', message: `the worker failed: ${messageOf(cause)}` }))
    worker.once('exit', (code) => resolve({ kind: 'refused', message: `the worker ended with code ${code}` }))
  })
}

function handle(worker: Worker, signature: Signature): Instance {
  const waiting: ((report: RunReport | undefined) => void)[] = []
  let isStopping = false
  let problem: string | undefined
  const exited = new Promise<number>((resolve) => worker.once('exit', resolve))
  worker.on('message', (report: RunReport) => waiting.shift()?.(report))
  worker.on('error', (cause) => {
    problem = messageOf(cause)
  })
  const crashed = exited.then((code) => {
    for (const settle of waiting.splice(0)) settle(undefined)
    return isStopping ? new Promise<string>(() => {}) : (problem ?? `the worker ended with code ${code}`)
  })
  return {
    signature,
    crashed,
    run: (order) =>
      new Promise((resolve) => {
        waiting.push(resolve)
        worker.postMessage(order satisfies WorkerOrder, buffersToMove(order.requests.flat()))
      }),
    stop(waitMs = STOP_WAIT_MS) {
      isStopping = true
      worker.postMessage({ kind: 'stop' } satisfies WorkerOrder)
      return ended(worker, exited, waitMs)
    },
  }
}

async function ended(worker: Worker, exited: Promise<number>, waitMs: number): Promise<boolean> {
  const timer = new AbortController()
  const late = sleep(waitMs, false, { signal: timer.signal }).catch(() => false)
  const isEnded = await Promise.race([exited.then(() => true), late])
  timer.abort()
  if (!isEnded) worker.unref()
  return isEnded
}

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))
