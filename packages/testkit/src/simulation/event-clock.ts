/**
 * Event clock: simulated time that stands still while anybody works, and jumps to the next thing that somebody waits for. What waits by it runs as
 * quickly as the machine can, and in the same order each time.
 */
import { setImmediate } from 'node:timers/promises'

export type EventClock = {
  nowMs(): number
  monotonicMs(): number
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** Does the work after so many milliseconds; the answer calls it off. */
  after(ms: number, work: () => void): () => void
  /** Goes to the next event and lets everybody finish who works because of it. False where nobody waits for anything. */
  next(): Promise<boolean>
}

/** What works on without waiting for time may give others a turn now and then; so many turns are more than one event needs. */
const TURNS = 4

type Event = { atMs: number; work: () => void }

/** Shows this time until the first event. */
export function createEventClock(startMs: number): EventClock {
  let nowMs = startMs
  // By time; of one time, in the order in which they were made.
  const events: Event[] = []
  const after = (ms: number, work: () => void) => {
    const event: Event = { atMs: nowMs + Math.max(0, Math.ceil(ms)), work }
    events.splice(placeFor(events, event.atMs), 0, event)
    return () => {
      const place = events.indexOf(event)
      if (place >= 0) events.splice(place, 1)
    }
  }
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    after,
    async sleep(ms, signal) {
      signal.throwIfAborted()
      if (ms <= 0) return
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const wake = () => {
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      const callOff = after(ms, wake)
      const giveUp = () => {
        callOff()
        reject(signal.reason)
      }
      signal.addEventListener('abort', giveUp, { once: true })
      await promise
    },
    async next() {
      const event = events.shift()
      if (!event) return false
      nowMs = event.atMs
      event.work()
      for (let turn = 0; turn < TURNS; turn++) await setImmediate()
      return true
    },
  }
}

function placeFor(events: readonly Event[], atMs: number): number {
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((events[middle] as Event).atMs <= atMs) low = middle + 1
    else high = middle
  }
  return low
}
