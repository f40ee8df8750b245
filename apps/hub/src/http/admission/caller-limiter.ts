/**
 * Caller limiter: slows down the guessing of keys, tokens or passwords. Only failures count, and only failing calls are
 * rejected; a correct call is never delayed. The limiter counts by the presented identity, such as a key's id, an
 * e-mail address or a certificate. A whole site may share one address with an attacker, and its own mistakes still get
 * the normal error. The address has a wide limit as a last resort against always new identities.
 */
import type { ErrorCode } from '@skerry/contract/errors/errors'
import type { Metrics } from '../../metrics.ts'
import { problem } from '../problem.ts'

type Bucket = { failuresMax: number; refillMs: number }

/**
 * A person who pastes the wrong key a few times is not stopped. An attacker gets 10 tries and then one every 6 s,
 * against 256 bits.
 */
const NARROW: Bucket = { failuresMax: 10, refillMs: 6_000 }

/** Hundreds of people and programs at one address do not make 50 different mistakes at once, or one every 2 s. */
const WIDE: Bucket = { failuresMax: 50, refillMs: 2_000 }

/**
 * 10,000 names are a megabyte; the oldest is deleted first. With the wide limit, one address needs hours to add as
 * many.
 */
const NAMES_MAX = 10_000

/** The source and identity of a failure. A failure without an identity counts for its address alone. */
export type Guess = { source: string; identity?: string | undefined }

export type CallerLimiter = {
  /** The time to wait before the next try; 0 if it may try now. */
  waitMs(guess: Guess): number
  fail(guess: Guess): void
}

/** Creates a limiter without failures. */
export function createCallerLimiter(clock: { nowMs(): number }): CallerLimiter {
  const names = createBuckets(clock, NARROW)
  const addresses = createBuckets(clock, WIDE)
  const nameOf = ({ source, identity }: Guess) => (identity === undefined ? `from ${source}` : `as ${identity}`)
  return {
    waitMs: (guess) => Math.max(names.waitMs(nameOf(guess)), addresses.waitMs(guess.source)),
    fail(guess) {
      names.fail(nameOf(guess))
      addresses.fail(guess.source)
    },
  }
}

function createBuckets(clock: { nowMs(): number }, { failuresMax, refillMs }: Bucket) {
  /** The time at which the bucket is full again: one number holds the whole bucket (GCRA). */
  const fullAtMs = new Map<string, number>()
  const debtMs = (name: string) => Math.max(0, (fullAtMs.get(name) ?? 0) - clock.nowMs())
  return {
    waitMs: (name: string) => Math.max(0, debtMs(name) - (failuresMax - 1) * refillMs),
    fail(name: string) {
      const next = clock.nowMs() + debtMs(name) + refillMs
      fullAtMs.delete(name)
      fullAtMs.set(name, next)
      const [oldest] = fullAtMs.keys()
      if (fullAtMs.size > NAMES_MAX && oldest !== undefined) fullAtMs.delete(oldest)
    },
  }
}

type Guarded = { callerLimiter: CallerLimiter; metrics: Pick<Metrics, 'refusedCallers'> }

/**
 * Counts an invalid key or token; throws if there were too many failures. The caller of this function then rejects the
 * request.
 */
export function refuseGuesser({ callerLimiter, metrics }: Guarded, guess: Guess, code: ErrorCode): void {
  const waitMs = callerLimiter.waitMs(guess)
  metrics.refusedCallers.inc({ code: waitMs > 0 ? 'rate_limited' : code })
  if (waitMs > 0) throw problem('rate_limited', undefined, { retryAfterMs: Math.ceil(waitMs) })
  callerLimiter.fail(guess)
}
