/**
 * Known time: the latest time that has certainly passed. It reveals a clock that was reset by a power cut, even without
 * a hub.
 */
import type { Conditions } from '../conditions.ts'
import type { AgentStore } from '../store/agent-store.ts'

/** More frequent writes would wear the disk, and only improve the precision within a day. */
const STEP_MS = 6 * 3_600_000

/** Checks the clock once, and returns the function that takes the hub's times. */
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
