/**
 * Caller limiter: slows down who guesses keys or join tokens. Only failures count, so that a busy site behind one address is never
 * limited for what it does right; after too many of them everything from there waits. A token bucket per address.
 */

/** A person who pastes the wrong key a few times is not stopped; a guesser gets 10 tries and then one every 6 s, against 256 bits. */
const FAILURES_MAX = 10
const REFILL_MS = 6_000

/** 10,000 addresses are a megabyte; the oldest is forgotten first. */
const ADDRESSES_MAX = 10_000

export type CallerLimiter = {
  /** How long the address has to wait before it may try again; 0 when it may now. */
  waitMs(address: string): number
  /** Counts a failure. */
  fail(address: string): void
}

/** Makes an empty limiter. */
export function createCallerLimiter(clock: { nowMs(): number }): CallerLimiter {
  /** The time at which the address's bucket is full again: one number holds the whole bucket (GCRA). */
  const fullAtMs = new Map<string, number>()
  const debtMs = (address: string) => Math.max(0, (fullAtMs.get(address) ?? 0) - clock.nowMs())
  return {
    waitMs: (address) => Math.max(0, debtMs(address) - (FAILURES_MAX - 1) * REFILL_MS),
    fail(address) {
      const next = clock.nowMs() + debtMs(address) + REFILL_MS
      fullAtMs.delete(address)
      fullAtMs.set(address, next)
      const [oldest] = fullAtMs.keys()
      if (fullAtMs.size > ADDRESSES_MAX && oldest !== undefined) fullAtMs.delete(oldest)
    },
  }
}
