/** Scheduled min: the least number of workers that the schedule of a scaling policy asks for at a time. */
import type { Scaling } from '@skerry/contract/scaling/scaling'
import { windowAt } from '@skerry/core/device/update-hold'
import { windowStart } from '@skerry/platform/process/window-starts'

/** In milliseconds. Windows open by the minute, and an expression costs more than all else in a look at the load. */
const KEPT_MS = 5_000

/** The function, with a memory for some seconds. */
export function createScheduledMin(): (policy: Scaling, nowMs: number) => number {
  const kept = new WeakMap<Scaling, { atMs: number; min: number }>()
  return (policy, nowMs) => {
    if (policy.schedule === undefined) return 0
    const before = kept.get(policy)
    if (before && Math.abs(nowMs - before.atMs) < KEPT_MS) return before.min
    const open = policy.schedule.filter((window) => windowAt(window, { timeMs: nowMs, windowStart }).kind === 'open')
    const min = open.reduce((most, window) => Math.max(most, window.min), 0)
    kept.set(policy, { atMs: nowMs, min })
    return min
  }
}
