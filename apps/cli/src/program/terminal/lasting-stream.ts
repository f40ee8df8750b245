/**
 * Lasting stream: a stream of the hub that continues over broken connections. Each new connection begins with the
 * current state.
 */
import { isPassing, type Problem, problemOf } from '@skerry/client/problem'
import { backoffMs } from '@skerry/core/values/backoff'
import { systemClock } from '@skerry/platform/process/clock'
import type { Session } from '../session.ts'

/** A hub that restarts is back within seconds, and a watching person should see it soon after. */
const RECONNECT = { baseMs: 500, maxMs: 5_000 }

/** This many attempts without an event take about two minutes. Then the person should know. */
const ATTEMPTS_MAX = 40

type Lasting<Event> = {
  open(signal: AbortSignal): Promise<AsyncIterable<Event>>
  /**
   * Whether this event is the last one. If a stream ends after another event, as at a regular stop of the hub, it is
   * opened again.
   */
  isLast(event: Event): boolean
  /** Further problems that pass once there has been an event. */
  passes?(problem: Problem): boolean
}

/**
 * Ends with its last event, or after too many attempts without one. Throws a problem that does not pass, and throws
 * when the session's signal fires.
 */
export async function* lastingStream<Event>(
  { open, isLast, passes = () => false }: Lasting<Event>,
  { signal, io, note }: Session,
): AsyncGenerator<Event> {
  let hasBegun = false
  const mayPass = (problem: Problem) => isPassing(problem) || (hasBegun && passes(problem))
  for (let attempt = 0; attempt <= ATTEMPTS_MAX; attempt += 1) {
    try {
      for await (const event of await open(signal)) {
        yield event
        if (isLast(event)) return
        attempt = 0
        hasBegun = true
      }
    } catch (error) {
      signal.throwIfAborted()
      if (attempt >= ATTEMPTS_MAX || !mayPass(problemOf(error))) throw error
      if (attempt === 0) note('the hub does not answer; trying again')
    }
    await systemClock.sleep(backoffMs(attempt, RECONNECT, io.random()), signal)
  }
}
