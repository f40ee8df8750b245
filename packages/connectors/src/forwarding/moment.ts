/** Moment: something that one part waits for and another brings about. A moment that nobody waited for is there for who comes next. */
import type { Clock } from '@skerry/platform/process/clock'

export type Moment = {
  now(): void
  next(signal: AbortSignal): Promise<void>
  /** Or when so much time has passed, whichever is first. */
  within(ms: number, clock: Pick<Clock, 'sleep'>, signal: AbortSignal): Promise<void>
}

export function createMoment(): Moment {
  let has = Promise.withResolvers<void>()
  const next = async (signal: AbortSignal) => {
    signal.throwIfAborted()
    const aborted = Promise.withResolvers<never>()
    const onAbort = () => aborted.reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await Promise.race([has.promise, aborted.promise])
      has = Promise.withResolvers()
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
  return {
    now: () => has.resolve(),
    next,
    async within(ms, clock, signal) {
      const done = new AbortController()
      const either = AbortSignal.any([signal, done.signal])
      await Promise.race(
        [next(either), clock.sleep(ms, either)].map((wait) => wait.catch(() => signal.throwIfAborted())),
      )
      done.abort()
    },
  }
}
