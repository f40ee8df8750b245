/**
 * Seat: the place of one session: a thread of this process, which is fast, or a process of its own, so that a crash of
 * native code ends that process alone. Both obey the same orders and give the same reports.
 */
import { fork } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import type { Serving } from '@skerry/contract/models/serving'
import { openRemoteSeat } from '../remote/remote-seat.ts'
import { TELEMETRY_OFF } from '../runtime/runtime-telemetry.ts'
import { sourceUrl } from './source-url.ts'
import {
  buffersToMove,
  ownTensors,
  type RequestOutcome,
  type RunReport,
  type SeatTask,
  type WorkerOrder,
  type WorkerReport,
  type WorkerTask,
} from './worker-message.ts'

export type Seat = {
  post(order: WorkerOrder): void
  onReport(listener: (report: WorkerReport) => void): void
  /** Resolves with the way it ended, on an order or not. */
  ended: Promise<string>
  /** Ends a session that no caller waits for any more. */
  leave(): void
}

/**
 * The limit of a thread's heap: BYTES tensors become JavaScript strings there; this holds the largest body several
 * times over.
 */
const HEAP_MB_MAX = 512

/** A worker keeps little that is young: half of Node's default saves about 8 MB an instance. */
const YOUNG_MB_MAX = 8

/** Limits of the heap of the thread that holds the session, in either kind of seat. */
export const HEAP_LIMITS = { maxOldGenerationSizeMb: HEAP_MB_MAX, maxYoungGenerationSizeMb: YOUNG_MB_MAX }

/** Starts a seat, which begins to load. */
export function openSeat(task: SeatTask, isolation: Serving['isolation']): Seat {
  if ('remote' in task) return openRemoteSeat(task.remote)
  return isolation === 'process' ? processSeat(task) : threadSeat(task)
}

function threadSeat(task: WorkerTask): Seat {
  const worker = new Worker(sourceUrl('worker'), { workerData: task, name: 'model', resourceLimits: HEAP_LIMITS })
  let problem: string | undefined
  worker.on('error', (cause) => {
    problem = `the worker failed: ${cause instanceof Error ? cause.message : String(cause)}`
  })
  return {
    post: (order) => worker.postMessage(order, moved(order)),
    onReport: (listener) => void worker.on('message', listener),
    ended: new Promise((resolve) => {
      worker.once('exit', (code) => resolve(problem ?? `the worker ended with code ${code}`))
    }),
    // A thread that is terminated while native code runs in it takes the whole process down when that returns: its
    // order waits instead.
    leave() {
      worker.postMessage({ kind: 'stop' } satisfies WorkerOrder)
      worker.unref()
    },
  }
}

const moved = (order: WorkerOrder) => (order.kind === 'question' ? buffersToMove(order.question.requests.flat()) : [])

function processSeat(task: WorkerTask): Seat {
  const child = fork(sourceUrl('isolated-child'), {
    serialization: 'advanced',
    execArgv: ['--max-semi-space-size=1'],
    env: { ...process.env, ...TELEMETRY_OFF },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  let problem: string | undefined
  // A child that is gone already reports that by its exit.
  const send = (message: WorkerTask | WorkerOrder) => void (child.connected && child.send(message, () => {}))
  send(task)
  return {
    post: send,
    onReport: (listener) =>
      void child.on('message', (message) => {
        const report = message as WorkerReport | { kind: 'broken'; message: string }
        if (report.kind === 'broken') problem = report.message
        else listener(report.kind === 'answer' ? { ...report, answer: ownReport(report.answer) } : report)
      }),
    ended: new Promise((resolve) => {
      child.once('error', (cause) => resolve(`the model's process could not be started: ${cause.message}`))
      child.once('exit', (code, signal) => {
        resolve(problem ?? `the model's process ${signal === null ? `ended with code ${code}` : `crashed (${signal})`}`)
      })
    }),
    leave: () => void child.kill('SIGKILL'),
  }
}

const ownReport = (report: RunReport): RunReport => ({ ...report, outcomes: report.outcomes.map(ownOutcome) })

const ownOutcome = (outcome: RequestOutcome): RequestOutcome =>
  outcome.ok ? { ...outcome, outputs: ownTensors(outcome.outputs) } : outcome
