/** Hub time: what the hub's clock says now, as well as this device can know; never before a time that is known to have been. */
import type { AgentStore } from '../store/agent-store.ts'

type Clock = { nowMs(): number; monotonicMs(): number }

export type HubTime = {
  hear(hubTimeMs: number): void
  nowMs(): number
  /** Undefined before the hub has said its time: the device's own clock may be decades ahead until then. */
  heardMs(): number | undefined
}

/** Before the hub has said its time, the device's own clock has to do. */
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
