/** The process of a candidate: its thread does the work, so that this one notices its parent's end. */
import { writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { Worker } from 'node:worker_threads'
import { sourceUrl } from '../seat/source-url.ts'
import type { CandidateOrder, CandidateReport, TurnMessage } from './candidate-message.ts'

/** [sched(7)] A twentieth of the share of a usual process: a measurement never competes with a model that serves. */
const NICENESS = 10

/** [proc_pid_oom_score_adj(5)] When memory runs out, the kernel ends a measurement before all else. */
const OOM_SCORE = '1000'

const endNow = () => void process.kill(process.pid, 'SIGKILL')

setPriority(NICENESS)
try {
  writeFileSync('/proc/self/oom_score_adj', OOM_SCORE)
} catch {
  // Another system, or one that forbids it: the kernel chooses as it likes.
}
// The terminal and the service manager signal the whole group: the agent decides when this process ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
// A run that blocks its thread would keep an orphan alive for ever; nothing but a kill ends native code.
process.once('disconnect', endNow)
process.once('message', (order: CandidateOrder) => {
  const worker = new Worker(sourceUrl('../bench/candidate-worker'), { workerData: order, name: 'candidate' })
  const send = (report: CandidateReport) => void process.send?.(report)
  worker.on('message', send)
  worker.on('error', (cause) => {
    const message = cause instanceof Error ? cause.message : String(cause)
    send({ kind: 'refused', problem: { code: 'failed', message } })
  })
  process.on('message', (message: TurnMessage) => worker.postMessage(message))
})
