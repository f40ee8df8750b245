/** Retry: does something again until it works, with growing, random waits between, and gives up after so many tries. */
import { type Backoff, backoffMs } from '@skerry/core/values/backoff'
import type { Clock } from './clock.ts'

export type RetryOptions<T> = Backoff & {
  /** The first try counts. */
  attemptsMax: number
  clock: Pick<Clock, 'sleep'>
  /** In [0, 1): Math.random, or a seeded one in tests. */
  random: () => number
  /** Whether this answer is worth another try. */
  isRetryable: (value: T) => boolean
  /** An answer that shows progress starts the count anew: what gets on, slowly, is not given up. */
  hasProgressed?: (value: T) => boolean
  /** At least so long before the next try, where the answer says so (Retry-After). */
  waitMs?: (value: T) => number | undefined
}

/**
 * Runs `attempt` until it gives an answer that is not retryable, or the tries are used up: then its last answer. What it throws is not
 * caught: failures that are expected are values. Rejects with an AbortError when the signal fires during a wait.
 */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions<T>, signal: AbortSignal): Promise<T> {
  const { attemptsMax, clock, random, isRetryable, hasProgressed, waitMs } = options
  for (let failures = 0; ; ) {
    signal.throwIfAborted()
    const value = await attempt()
    if (!isRetryable(value)) return value
    failures = hasProgressed?.(value) ? 1 : failures + 1
    if (failures >= attemptsMax) return value
    await clock.sleep(Math.max(waitMs?.(value) ?? 0, backoffMs(failures - 1, options, random())), signal)
  }
}
