/** Waits: the failed steps, and the time of each next attempt. The wait grows until the step succeeds. */

import { type PlanStep, stepKey } from '@skerry/core/device/device-plan'
import { type Backoff, backoffMs } from '@skerry/core/values/backoff'

export type Waits = {
  /** For the plan: steps that must not be tried before their time. */
  until(): ReadonlyMap<string, number>
  /** The step failed again. `waitMs` is set if the caller knows a better wait. */
  failed(step: PlanStep, waitMs?: number): void
  done(step: PlanStep): void
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
      // Half of the wait is fixed: a step that fails at once must not be tried in a tight loop.
      until.set(key, clock.monotonicMs() + (waitMs ?? backoffMs(count, backoff, 0.5 + random() / 2)))
    },
    done(step) {
      until.delete(stepKey(step))
      failures.delete(stepKey(step))
    },
  }
}
