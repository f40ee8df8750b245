/** Known time: the latest time that has certainly been. A clock that was reset at a power cut is named even where no hub can be asked. */
import type { Conditions } from '../conditions.ts'
import type { AgentStore } from '../store/agent-store.ts'

/** Writing it down more often would wear the disk, and tell no more than which day it is. */
const STEP_MS = 6 * 3_600_000

/** Looks at the clock once, and gives what to tell of times heard from the hub. */
export function createKnownTime(
  store: AgentStore,
  conditions: Conditions,
  clock: { nowMs(): number },
): { hear(timeMs: number): void } {
  const nowMs = clock.nowMs()
  const latestMs = store.latestTimeMs()
  if (nowMs < latestMs - STEP_MS) {
    const message = `the clock shows ${new Date(nowMs).toISOString()}, but showed ${new Date(latestMs).toISOString()} before; set it`
    conditions.raise({ code: 'clock_wrong', message })
  }
  return {
    hear(timeMs) {
      if (timeMs > store.latestTimeMs() + STEP_MS) store.saveLatestTime(timeMs)
    },
  }
}
