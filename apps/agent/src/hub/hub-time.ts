/**
 * Hub time: the current time of the hub's clock, as far as this device can know it. It is never before a time that has
 * certainly passed.
 */
import type { AgentStore } from '../store/agent-store.ts'

type Clock = { nowMs(): number; monotonicMs(): number }

export type HubTime = {
  hear(hubTimeMs: number): void
  nowMs(): number
  /** Undefined before the hub has sent its time: the device's own clock may be decades ahead until then. */
  heardMs(): number | undefined
}

/** Before the hub has sent its time, the device's own clock is used. */
export function createHubTime(store: Pick<AgentStore, 'latestTimeMs'>, clock: Clock): HubTime {
  let aheadMs: number | undefined
  const heardMs = () => (aheadMs === undefined ? undefined : aheadMs + clock.monotonicMs())
  return {
    hear(hubTimeMs) {
      aheadMs = hubTimeMs - clock.monotonicMs()
    },
    nowMs: () => Math.max(store.latestTimeMs(), heardMs() ?? clock.nowMs()),
    heardMs,
  }
}
