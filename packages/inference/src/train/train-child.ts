/** The process of a training: its thread does the work, so that this one notices its parent's end. */
import { setPriority } from 'node:os'
import { Worker } from 'node:worker_threads'
import { sourceUrl } from '../seat/source-url.ts'
import { createHandedSet, type RowPart } from './handed-rows.ts'
import type { CountOrder, CountResult, Sent, TrainOrder, TrainResult } from './train-model.ts'

type SentOrder = Sent<TrainOrder> | Sent<CountOrder>

/** [sched(7)] A tenth of the share of a usual process: models that serve come first, and the deadline of a round holds. */
const NICENESS = 10

setPriority(NICENESS)
// A run that blocks its thread would keep an orphan alive for ever; nothing but a kill ends native code.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.once('message', (order: SentOrder) => {
  if (!('awaited' in order.rows)) return begin(order, [])
  const collected = createHandedSet(order.rows.awaited)
  process.on('message', (part: RowPart | 'end') => {
    if (part !== 'end') return collected.add(part)
    const set = collected.set()
    // The thread takes the rows over, without a copy.
    begin({ ...order, rows: { set } }, [set.data.buffer as ArrayBuffer])
  })
})

function begin(order: SentOrder, transferList: ArrayBuffer[]): void {
  const worker = new Worker(sourceUrl('../train/train-worker'), { workerData: order, transferList })
  worker.once('message', (result: TrainResult | CountResult) => process.send?.(result))
  worker.once('error', (cause: Error) =>
    process.send?.({
      ok: false,
      code: 'training_crashed',
      message: cause.message.slice(0, 1_000),
    } satisfies TrainResult),
  )
}
