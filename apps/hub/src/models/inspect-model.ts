/**
 * Inspects a model file in a thread of its own, with limits on time and memory. A few kilobytes of protobuf may unfold
 * to any size.
 */
import { Worker } from 'node:worker_threads'
import type { ErrorCode } from '@skerry/contract/errors/errors'
import type { ModelSummary } from '@skerry/contract/models/model-summary'

export type InspectOrder = {
  /** The path of the model file. */
  path: string
  /** The files beside it, by path, with their sizes. */
  files: ReadonlyMap<string, number>
}

export type InspectResult =
  | { ok: true; value: ModelSummary }
  | { ok: false; code: Extract<ErrorCode, `model_${string}`>; message: string }

/** The hub reads and walks a 2 GB file in some seconds. */
const TIME_MS = 60_000

/** The parser's memory for the largest file that a runtime could load; the file's own bytes are outside this heap. */
const HEAP_MB = 1_024

/** Resolves with the summary or the rejection; rejects when the signal fires. */
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

/** A TypeScript file here, and a JavaScript file once published. */
const workerUrl = new URL(`./inspect-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
