/** The process of a split: its thread does the work, so that this one notices its parent's end. */
import { Worker } from 'node:worker_threads'
import { sourceUrl } from '../seat/source-url.ts'
import type { SplitOrder, SplitResult } from './split-model.ts'

// A run that blocks its thread would keep an orphan alive for ever; nothing but a kill ends native code.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.once('message', (order: SplitOrder) => {
  const worker = new Worker(sourceUrl('../split/split-worker'), { workerData: order })
  worker.once('message', (result: SplitResult) => process.send?.(result))
  worker.once('error', (cause: Error) =>
    process.send?.({ ok: false, code: 'model_crashed', message: cause.message } satisfies SplitResult),
  )
})
