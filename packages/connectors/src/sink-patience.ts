/** Sink patience: what is not answered in time is a trouble, whatever a library would go on to do. */
import { SinkTrouble } from './sink.ts'

/** Throws `SinkTrouble`, or what the signal says. */
export async function answered<T>(work: Promise<T>, ms: number, signal?: AbortSignal): Promise<T> {
  const over = Promise.withResolvers<never>()
  const timer = setTimeout(() => over.reject(new SinkTrouble('sink_silent', `no answer within ${ms} ms`)), ms)
  const onAbort = () => over.reject(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, over.promise])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}
