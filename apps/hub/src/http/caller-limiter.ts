/**
 * Caller limiter: slows down who guesses keys or join tokens. Only failures count, and only failures are refused: a whole site may stand
 * behind the address of one guesser, and what it does right is never held up. A token bucket per address.
 */
import type { ErrorCode } from '@skerry/contract/errors'
import type { Metrics } from '../metrics.ts'
import { problem } from './problem.ts'

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

type Guarded = { callerLimiter: CallerLimiter; metrics: Pick<Metrics, 'refusedCallers'> }

/** Counts a key or token that is none; throws where there have been too many. The caller goes on to refuse it. */
export function refuseGuesser({ callerLimiter, metrics }: Guarded, address: string, code: ErrorCode): void {
  const waitMs = callerLimiter.waitMs(address)
  metrics.refusedCallers.inc({ code: waitMs > 0 ? 'rate_limited' : code })
  if (waitMs > 0) throw problem('rate_limited', undefined, { retryAfterMs: Math.ceil(waitMs) })
  callerLimiter.fail(address)
}
