/** File workers: asks the threads that read files, and gives their answers as promises. */
import { Digest } from '@skerry/contract/values/digest'
import { UnreadableFile } from '../unreadable-file.ts'
import type { DigestReport } from './digest-worker.ts'
import type { ModelOrder, ModelReading } from './model-worker.ts'

/** The digest of a file; rejects with UnreadableFile, or with the signal's reason when it fires. */
export async function digestOfFile(
  file: File,
  onProgress: (doneBytes: number) => void,
  signal: AbortSignal,
): Promise<Digest> {
  const worker = new Worker(new URL('./digest-worker.ts', import.meta.url), { type: 'module' })
  const { promise, resolve, reject } = Promise.withResolvers<Digest>()
  worker.addEventListener('message', ({ data }: MessageEvent<DigestReport>) => {
    if (data.kind === 'progress') onProgress(data.doneBytes)
    if (data.kind === 'done') resolve(Digest.parse(`sha256:${data.hex}`))
    if (data.kind === 'failed') reject(new UnreadableFile(data.message))
  })
  return settled(worker, { promise, reject, signal, order: file })
}

/** The model in the file, and what it needs beside it; rejects with UnreadableFile where it is too much for this browser. */
export async function readModelFile(order: ModelOrder, signal: AbortSignal): Promise<ModelReading> {
  const worker = new Worker(new URL('./model-worker.ts', import.meta.url), { type: 'module' })
  const { promise, resolve, reject } = Promise.withResolvers<ModelReading>()
  worker.addEventListener('message', ({ data }: MessageEvent<ModelReading>) => resolve(data))
  return settled(worker, { promise, reject, signal, order })
}

type Asked<Answer> = {
  promise: Promise<Answer>
  reject: (reason: unknown) => void
  signal: AbortSignal
  order: File | ModelOrder
}

/** Sends the order, and ends the thread with its answer, its failure or the signal. */
async function settled<Answer>(worker: Worker, { promise, reject, signal, order }: Asked<Answer>): Promise<Answer> {
  const stop = () => reject(signal.reason)
  worker.addEventListener('error', (event) => {
    event.preventDefault()
    reject(new UnreadableFile(event.message || 'the browser could not start its worker'))
  })
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    worker.postMessage(order)
    return await promise
  } finally {
    signal.removeEventListener('abort', stop)
    worker.terminate()
  }
}
