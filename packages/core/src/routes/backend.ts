/**
 * Backend: the state of one place of a route, as one gateway sees it: its requests and its breaker. Pure: each function
 * gives the next state.
 */
import type { BreakerState, RouteSpec } from '@skerry/contract/routes/route'

export type Backend = {
  outstanding: number
  /** The number of the choice that took it last, so that equal places take turns. 0 if none has. */
  chosenAt: number
  /** Failures in a row. */
  failures: number
  /** The breaker is open until then. */
  openUntilMs?: number | undefined
}

export const newBackend: Backend = { outstanding: 0, chosenAt: 0, failures: 0 }

/** half-open: the time is over, and one request may try the place. */
export function breakerOf({ openUntilMs }: Backend, nowMs: number): BreakerState {
  if (openUntilMs === undefined) return 'closed'
  return nowMs < openUntilMs ? 'open' : 'half-open'
}

/** The place got a request. */
export const begun = (backend: Backend, chosenAt: number): Backend => ({
  ...backend,
  outstanding: backend.outstanding + 1,
  chosenAt,
})

/** answered: the model, or the server with it, gave an answer. failed: none came. dropped: the caller went away. */
export type Outcome = 'answered' | 'failed' | 'dropped'

/** A request of the place is over. */
export function ended(
  backend: Backend,
  outcome: Outcome,
  { breaker }: Pick<RouteSpec, 'breaker'>,
  nowMs: number,
): Backend {
  const outstanding = Math.max(0, backend.outstanding - 1)
  const { chosenAt } = backend
  if (outcome === 'answered') return { outstanding, chosenAt, failures: 0 }
  if (outcome === 'dropped') return { ...backend, outstanding }
  const failures = backend.failures + 1
  const isTripped = failures >= breaker.failures || backend.openUntilMs !== undefined
  return { outstanding, chosenAt, failures, ...(isTripped && { openUntilMs: nowMs + breaker.openMs }) }
}
