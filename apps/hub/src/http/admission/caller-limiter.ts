/**
 * Caller limiter: slows down who guesses keys, tokens or passwords. Only failures count, and only failures are refused: what somebody does right is
 * never held up. Counted is what was presented, such as a key's id, an e-mail address or a certificate: a whole site may stand behind the address of
 * one guesser, whose mistakes are then told as mistakes. The address counts too, as a wide last resort against ever new names.
 */
import type { ErrorCode } from '@skerry/contract/errors/errors'
import type { Metrics } from '../../metrics.ts'
import { problem } from '../problem.ts'

type Bucket = { failuresMax: number; refillMs: number }

/** A person who pastes the wrong key a few times is not stopped; a guesser gets 10 tries and then one every 6 s, against 256 bits. */
const NARROW: Bucket = { failuresMax: 10, refillMs: 6_000 }

/** Hundreds of people and programs make no 50 different mistakes at once, and none every 2 s. */
const WIDE: Bucket = { failuresMax: 50, refillMs: 2_000 }

/** 10,000 names are a megabyte; the oldest is forgotten first. With the wide limit one address takes hours for as many. */
const NAMES_MAX = 10_000

/** Who has failed: where from, and as whom; what names nobody is known by its address alone. */
export type Guess = { source: string; identity?: string | undefined }

export type CallerLimiter = {
  /** How long it has to wait before it may try again; 0 when it may now. */
  waitMs(guess: Guess): number
  /** Counts a failure. */
  fail(guess: Guess): void
}

/** Makes an empty limiter. */
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

/** Counts a key or token that is none; throws where there have been too many. The caller goes on to refuse it. */
export function refuseGuesser({ callerLimiter, metrics }: Guarded, guess: Guess, code: ErrorCode): void {
  const waitMs = callerLimiter.waitMs(guess)
  metrics.refusedCallers.inc({ code: waitMs > 0 ? 'rate_limited' : code })
  if (waitMs > 0) throw problem('rate_limited', undefined, { retryAfterMs: Math.ceil(waitMs) })
  callerLimiter.fail(guess)
}
