/** Lasting stream: a stream of the hub that goes on over connections that break: each new one begins with how things are then. */
import { isPassing, type Problem, problemOf } from '@skerry/client/problem'
import { backoffMs } from '@skerry/core/values/backoff'
import { systemClock } from '@skerry/platform/process/clock'
import type { Session } from '../session.ts'

/** A hub that restarts is back within seconds; a person who watches should see it soon after. */
const RECONNECT = { baseMs: 500, maxMs: 5_000 }

/** So many tries without one event in between are about two minutes of silence: then the person should know. */
const ATTEMPTS_MAX = 40

type Lasting<Event> = {
  open(signal: AbortSignal): Promise<AsyncIterable<Event>>
  /** Whether nothing more comes after this event. A stream that ends after another, as of a hub that is stopped in order, is opened again. */
  isLast(event: Event): boolean
  /** What passes once there has been an event, besides what always does. */
  passes?(problem: Problem): boolean
}

/** Ends with its last event, or when nothing comes any more. Throws what does not pass, and when the session's signal fires. */
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
