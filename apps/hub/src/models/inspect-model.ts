/** Inspects a model file in a thread of its own, with limits on time and memory: a few kilobytes of protobuf may unfold to anything. */
import { Worker } from 'node:worker_threads'
import type { ErrorCode } from '@skerry/contract/errors/errors'
import type { ModelSummary } from '@skerry/contract/models/model-summary'

export type InspectOrder = {
  /** Of the model file. */
  path: string
  /** The files beside it, by path, with their sizes. */
  files: ReadonlyMap<string, number>
}

export type InspectResult =
  | { ok: true; value: ModelSummary }
  | { ok: false; code: Extract<ErrorCode, `model_${string}`>; message: string }

/** A 2 GB file is read and walked in some seconds. */
const TIME_MS = 60_000

/** What the parser makes of a file that no runtime would load either; the file's own bytes lie outside this heap. */
const HEAP_MB = 1_024

/** Resolves with the summary or the refusal; rejects when the signal fires. */
export function inspectModel(order: InspectOrder, signal: AbortSignal): Promise<InspectResult> {
  const worker = new Worker(workerUrl, { workerData: order, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } })
  const { promise, resolve, reject } = Promise.withResolvers<InspectResult>()
  const tooMuch = (why: string) =>
    resolve({ ok: false, code: 'model_too_complex', message: `the model ${why} to read` })
  const timer = setTimeout(() => tooMuch(`takes longer than ${TIME_MS / 1_000} s`), TIME_MS)
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  worker.once('message', resolve)
  worker.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') tooMuch(`takes more than ${HEAP_MB} MB of memory`)
    else reject(new Error('inspecting a model', { cause: error }))
  })
  worker.once('exit', (code) => reject(new Error(`the inspection ended with code ${code}`)))
  return promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    void worker.terminate()
  })
}

/** TypeScript here, JavaScript once published. */
const workerUrl = new URL(`./inspect-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
