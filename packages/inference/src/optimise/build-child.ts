/** The process of a build: its thread does the work, so that this one notices its parent's end. */
import { setPriority } from 'node:os'
import { Worker } from 'node:worker_threads'
import { sourceUrl } from '../seat/source-url.ts'
import type { BuildResult, BuildTask, ObserveResult, RankResult } from './build-model.ts'

/** [sched(7)] A twentieth of the share of a usual process: a build has time, and the hub answers others beside it. */
const NICENESS = 10

setPriority(NICENESS)
// A run that blocks its thread would keep an orphan alive for ever; nothing but a kill ends native code.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.once('message', (task: BuildTask) => {
  const worker = new Worker(sourceUrl('../optimise/build-worker'), { workerData: task })
  worker.once('message', (result: BuildResult | RankResult | ObserveResult) => process.send?.(result))
  worker.once('error', (cause: Error) =>
    process.send?.({ ok: false, code: 'build_crashed', message: cause.message } satisfies BuildResult),
  )
})
