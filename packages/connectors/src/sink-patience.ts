/** Sink patience: a request without an answer in time is a trouble, even if a library would continue to wait. */
import { startDeadline } from '@skerry/platform/process/deadline'
import { SinkTrouble } from './sink.ts'

/** Throws `SinkTrouble`, or the reason of the signal. */
export async function answered<T>(work: Promise<T>, ms: number, signal?: AbortSignal): Promise<T> {
  const over = Promise.withResolvers<never>()
  const stop = startDeadline(ms, () => over.reject(new SinkTrouble('sink_silent', `no answer within ${ms} ms`)))
  const onAbort = () => over.reject(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, over.promise])
  } finally {
    stop()
    signal?.removeEventListener('abort', onAbort)
  }
}
