/** Model thread: reads an untrusted file in a thread of its own, with limits on time and memory. */
import { Worker } from 'node:worker_threads'

/** The hub reads and walks a 2 GB file in some seconds. */
const TIME_MS = 60_000

/** The parser's memory for the largest file that a runtime could load; the file's own bytes are outside this heap. */
const HEAP_MB = 1_024

type TooComplex = { ok: false; code: 'model_too_complex'; message: string }

/**
 * The only message of the thread, or the rejection if it takes too long or too much memory. Rejects when the signal fires.
 */
export function inModelThread<Message>(url: URL, order: object, signal: AbortSignal): Promise<Message | TooComplex> {
  const worker = new Worker(url, { workerData: order, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } })
  const { promise, resolve, reject } = Promise.withResolvers<Message | TooComplex>()
  const tooMuch = (why: string) =>
    resolve({ ok: false, code: 'model_too_complex', message: `the model ${why} to read` })
  const timer = setTimeout(() => tooMuch(`takes longer than ${TIME_MS / 1_000} s`), TIME_MS)
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  worker.once('message', resolve)
  worker.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') tooMuch(`takes more than ${HEAP_MB} MB of memory`)
    else reject(new Error('reading a model', { cause: error }))
  })
  worker.once('exit', (code) => reject(new Error(`the thread that reads a model ended with code ${code}`)))
  return promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    void worker.terminate()
  })
}
