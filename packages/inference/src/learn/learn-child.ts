/** The process of a learning: its thread does the work, so that this one notices its parent's end. */
import { setPriority } from 'node:os'
import { Worker } from 'node:worker_threads'
import { sourceUrl } from '../seat/source-url.ts'
import type { LearnRowsOrder, LearnRowsResult } from './learn-rows.ts'

/** [sched(7)] A third of the share of a usual process: models that serve come first, and no learning starves. */
const NICENESS = 5

setPriority(NICENESS)
// A run that blocks its thread would keep an orphan alive for ever; nothing but a kill ends native code.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.once('message', (order: LearnRowsOrder) => {
  const worker = new Worker(sourceUrl('../learn/learn-worker'), { workerData: order })
  worker.once('message', (result: LearnRowsResult) => process.send?.(result))
  worker.once('error', (cause: Error) =>
    process.send?.({
      ok: false,
      code: 'learning_crashed',
      message: cause.message.slice(0, 1_000),
    } satisfies LearnRowsResult),
  )
})
