/** Lock-out: how long an address has to wait after wrong passwords. It follows from what was counted, so no timer has to end it. */

export type Failures = { failures: number; failedAtMs: number }

/** People mistype; whoever guesses gets these for nothing, and then fewer and fewer. */
const FREE_FAILURES = 5

/** Doubles with each further failure, up to a quarter of an hour: 100 guesses a day, and nobody is kept out for longer than a break. */
const FIRST_WAIT_MS = 30_000
const WAIT_MS_MAX = 900_000

/** A day without a wrong one wipes the slate. */
export const FORGET_MS = 86_400_000

/** When the next try counts; 0 where it does now. */
export function lockedUntilMs(known: Failures | undefined, nowMs: number): number {
  if (!known || isForgotten(known, nowMs) || known.failures < FREE_FAILURES) return 0
  const waitMs = Math.min(WAIT_MS_MAX, FIRST_WAIT_MS * 2 ** Math.min(known.failures - FREE_FAILURES, 20))
  const untilMs = known.failedAtMs + waitMs
  return untilMs > nowMs ? untilMs : 0
}

/** After one more. */
export function countFailure(known: Failures | undefined, nowMs: number): Failures {
  const before = known && !isForgotten(known, nowMs) ? known.failures : 0
  return { failures: before + 1, failedAtMs: nowMs }
}

/** Whether this failure is the one from which an address has to wait: worth a record of its own. */
export const isLockOut = ({ failures }: Failures): boolean => failures === FREE_FAILURES

/** A clock that was set back must not lock anybody out until it has caught up. */
const isForgotten = ({ failedAtMs }: Failures, nowMs: number) =>
  nowMs - failedAtMs >= FORGET_MS || failedAtMs - nowMs > WAIT_MS_MAX
