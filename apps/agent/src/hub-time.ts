/** Hub time: what the hub's clock says now, as well as this device can know; never before a time that is known to have been. */
import type { AgentStore } from './store/agent-store.ts'

type Clock = { nowMs(): number; monotonicMs(): number }

export type HubTime = { hear(hubTimeMs: number): void; nowMs(): number }

/** Before the hub has said its time, the device's own clock has to do. */
export function createHubTime(store: Pick<AgentStore, 'latestTimeMs'>, clock: Clock): HubTime {
  let aheadMs: number | undefined
  return {
    hear(hubTimeMs) {
      aheadMs = hubTimeMs - clock.monotonicMs()
    },
    nowMs: () => Math.max(store.latestTimeMs(), aheadMs === undefined ? clock.nowMs() : aheadMs + clock.monotonicMs()),
  }
}
