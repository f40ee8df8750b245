/** Clock: the only place where time comes from, so that tests can bring their own. */
import { setTimeout as timer } from 'node:timers/promises'

export type Clock = {
  /** Wall-clock time, as the machine believes it; it may jump, in either direction. For records that people read, and certificates. */
  nowMs(): number
  /** Time that only moves forward, from an arbitrary start. For measuring and for deadlines. */
  monotonicMs(): number
  /** Resolves after `ms`; rejects with an AbortError as soon as the signal fires. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** setTimeout takes a signed 32-bit number and fires at once beyond it, so longer sleeps are cut into pieces. */
const TIMER_MAX_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  async sleep(ms, signal) {
    for (let left = ms; left > 0; left -= TIMER_MAX_MS) await timer(Math.min(left, TIMER_MAX_MS), undefined, { signal })
    signal.throwIfAborted()
  },
}
