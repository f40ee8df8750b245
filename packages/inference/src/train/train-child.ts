/** The process of a training: its thread does the work, so that this one notices its parent's end. */
import { setPriority } from 'node:os'
import { Worker } from 'node:worker_threads'
import { sourceUrl } from '../seat/source-url.ts'
import type { CountOrder, CountResult, TrainOrder, TrainResult } from './train-model.ts'

/** [sched(7)] A tenth of the share of a usual process: models that serve come first, and the deadline of a round holds. */
const NICENESS = 10

setPriority(NICENESS)
// A run that blocks its thread would keep an orphan alive for ever; nothing but a kill ends native code.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.once('message', (order: TrainOrder | CountOrder) => {
  const worker = new Worker(sourceUrl('../train/train-worker'), { workerData: order })
  worker.once('message', (result: TrainResult | CountResult) => process.send?.(result))
  worker.once('error', (cause: Error) =>
    process.send?.({
      ok: false,
      code: 'training_crashed',
      message: cause.message.slice(0, 1_000),
    } satisfies TrainResult),
  )
})
