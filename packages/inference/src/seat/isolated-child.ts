/**
 * The process of an isolated session: passes orders to the thread that holds it, and reports back. The thread is what native code blocks, so
 * that this one notices the end of the runner at any time.
 */
import { writeFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { HEAP_LIMITS } from './seat.ts'
import { sourceUrl } from './source-url.ts'
import { buffersToMove, ownTensors, type WorkerOrder, type WorkerReport, type WorkerTask } from './worker-message.ts'

/** [proc_pid_oom_score_adj(5)] Where memory ends, the kernel takes this process before the runner with all other models. */
const OOM_SCORE = '500'

function serve(task: WorkerTask): void {
  const worker = new Worker(sourceUrl('worker'), { workerData: task, name: 'model', resourceLimits: HEAP_LIMITS })
  process.on('message', (order: WorkerOrder) => {
    if (order.kind === 'stop') return worker.postMessage(order)
    const requests = order.question.requests.map(ownTensors)
    const question = { ...order.question, requests }
    worker.postMessage({ ...order, question } satisfies WorkerOrder, buffersToMove(requests.flat()))
  })
  worker.on('message', (report: WorkerReport) => process.send?.(report))
  worker.on('error', (cause) =>
    process.send?.({ kind: 'broken', message: `the worker failed: ${cause instanceof Error ? cause.message : cause}` }),
  )
  // What was said last is on its way when the pipe is closed; with nothing left to do, the process ends.
  worker.on('exit', (code) => {
    process.exitCode = code
    process.off('disconnect', endNow)
    if (process.connected) process.disconnect()
  })
}

function endNow(): void {
  process.kill(process.pid, 'SIGKILL')
}

try {
  writeFileSync('/proc/self/oom_score_adj', OOM_SCORE)
} catch {
  // Another system, or one that forbids it: the kernel chooses as it likes.
}
// The terminal and the service manager signal the whole group: the runner decides when this process ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
// A run that blocks its thread would keep an orphan alive for ever; nothing but a kill ends native code.
process.once('disconnect', endNow)
process.once('message', (task: WorkerTask) => serve(task))
