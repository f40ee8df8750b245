/** Sink trial worker: one test of a sink. If a protocol's library throws outside of any call, only this thread ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '@skerry/platform/process/clock'
import { runTrial, type SinkTrialOrder } from './sink-trial.ts'

const port = parentPort
if (!port) throw new Error('this is started as a thread')
// The host parsed this data before it started the thread.
const order = workerData as SinkTrialOrder
const { sink, secrets, waitMs } = order
// A session may keep numbers of its connections on the disk. The worker keeps no numbers of the test.
const own = mkdtempSync(join(tmpdir(), 'skerry-sink-test-'))
const folder = sink.protocol === 'file' ? order.folder : own
try {
  const deps = { clock: systemClock, random: Math.random, folder, secrets }
  port.postMessage(await runTrial(order, deps, AbortSignal.timeout(waitMs)))
} finally {
  rmSync(own, { recursive: true, force: true })
  port.close()
}
