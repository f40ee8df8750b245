/** Waits: steps that could not be done, and when each may be tried again: later and later, until it has been done. */

import { type Step, stepKey } from '@skerry/core/device/device-plan'
import { type Backoff, backoffMs } from '@skerry/core/values/backoff'

export type Waits = {
  /** For the plan: nothing of these before their time. */
  until(): ReadonlyMap<string, number>
  /** It failed once more; `waitMs` where somebody else knows better how long. */
  failed(step: Step, waitMs?: number): void
  done(step: Step): void
}

/** `backoff` grows with the failures of one step in a row. */
export function createWaits(clock: { monotonicMs(): number }, backoff: Backoff, random: () => number): Waits {
  const until = new Map<string, number>()
  const failures = new Map<string, number>()
  return {
    until: () => until,
    failed(step, waitMs) {
      const key = stepKey(step)
      const count = failures.get(key) ?? 0
      failures.set(key, count + 1)
      // Half of the wait is certain: a step that fails at once must not be tried in a loop.
      until.set(key, clock.monotonicMs() + (waitMs ?? backoffMs(count, backoff, 0.5 + random() / 2)))
    },
    done(step) {
      until.delete(stepKey(step))
      failures.delete(stepKey(step))
    },
  }
}
