/** Instance: the main thread's handle on one seat, a thread or a process, that holds one session. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Serving } from '@skerry/contract/models/serving'
import { createAsking } from '@skerry/platform/process/asking'
import { turnTelemetryOff } from '../runtime/runtime-telemetry.ts'
import { openSeat, type Seat } from '../seat/seat.ts'
import type { Signature } from '../seat/session.ts'
import type { RunOrder, RunQuestions, RunReport, SeatTask, WorkerReport } from '../seat/worker-message.ts'

export type Instance = {
  signature: Signature
  /** Resolves with the worker's answer, or with undefined when the worker ended before it. Never rejects. */
  run(order: RunOrder): Promise<RunReport | undefined>
  /** The reason if the worker ended without an order; never resolves after an order to end. */
  crashed: Promise<string>
  /** Resolves when the worker has ended, on an order or not. */
  ended: Promise<unknown>
  /**
   * False when a run kept its thread for this time: then the worker ends by itself, once the run has. A process is
   * ended at once.
   */
  stop(waitMs?: number): Promise<boolean>
}

export type InstanceStart = { ok: true; instance: Instance } | { ok: false; code: 'model_load_failed'; message: string }

export type InstanceTask = SeatTask & { settings: Pick<Serving, 'isolation'> }

/** Stopping waits for the run that blocks the thread; ten seconds is past any sensible single run. */
const STOP_WAIT_MS = 10_000

/**
 * A slot has two runs at an instance at most: one that runs, and one in the mailbox. Golden cases and shadows go
 * through a slot, too.
 */
const RUNS_MAX = 16

/** Loads a model in a new worker. Aborting rejects at once; the worker ends by itself, once its load has. */
export async function startInstance(task: InstanceTask, signal: AbortSignal): Promise<InstanceStart> {
  signal.throwIfAborted()
  turnTelemetryOff()
  const { isolation } = task.settings
  const seat = openSeat(task, isolation)
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    const first = await Promise.race([firstReport(seat), aborted.promise])
    signal.throwIfAborted()
    if (first.kind === 'ready') return { ok: true, instance: handle(seat, isolation, first.signature) }
    seat.leave()
    return { ok: false, code: 'model_load_failed', message: first.message }
  } catch (cause) {
    seat.leave()
    throw cause
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

type FirstReport = Exclude<WorkerReport, { kind: 'answer' }>

function firstReport(seat: Seat): Promise<FirstReport> {
  return new Promise((resolve) => {
    seat.onReport((report) => report.kind !== 'answer' && resolve(report))
    void seat.ended.then((message) => resolve({ kind: 'refused', message }))
  })
}

function handle(seat: Seat, isolation: Serving['isolation'], signature: Signature): Instance {
  const asking = createAsking<RunQuestions>({ inFlightMax: RUNS_MAX, send: seat.post })
  let isStopping = false
  seat.onReport((report) => report.kind === 'answer' && asking.answered(report))
  const crashed = seat.ended.then((message) => {
    asking.end(message)
    return isStopping ? new Promise<string>(() => {}) : message
  })
  return {
    signature,
    ended: seat.ended,
    crashed,
    async run(order) {
      const asked = await asking.ask('run', order)
      return asked.ok ? asked.answer : undefined
    },
    async stop(waitMs = STOP_WAIT_MS) {
      isStopping = true
      seat.post({ kind: 'stop' })
      const isEnded = await endsWithin(seat, waitMs)
      if (!isEnded) seat.leave()
      return isEnded || isolation === 'process'
    },
  }
}

async function endsWithin(seat: Seat, waitMs: number): Promise<boolean> {
  const timer = new AbortController()
  const late = sleep(waitMs, false, { signal: timer.signal }).catch(() => false)
  const isEnded = await Promise.race([seat.ended.then(() => true), late])
  timer.abort()
  return isEnded
}
