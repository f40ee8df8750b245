/** Backoff: how long to wait before trying again, so that a thousand devices that failed together do not return together. */

export type Backoff = {
  /** The longest wait before the first retry. */
  baseMs: number
  /** The longest wait at all. */
  maxMs: number
}

/**
 * Capped exponential backoff with full jitter: uniform between 0 and the cap, which doubles with each attempt (the first is 0).
 * `random` is in [0, 1). Full jitter needs the fewest calls to drain a crowd (AWS Architecture Blog, "Exponential Backoff And Jitter").
 */
export function backoffMs(attempt: number, { baseMs, maxMs }: Backoff, random: number): number {
  return Math.min(maxMs, baseMs * 2 ** attempt) * random
}
