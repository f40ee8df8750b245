/** Held report: how long an item waits for a window or a lock according to a device's report, by the hub's clock. */
import type { ItemReport } from '@skerry/contract/devices/item'
import { UPDATE_LOCKED, WINDOW_WAITS } from '../device/update-hold.ts'

export type HeardHold = {
  item: Pick<ItemReport, 'cause' | 'opensAtMs'>
  /** When the device reported it, by its own clock and by the hub's. Only the remaining time counts. */
  saidAtMs: number
  heardAtMs: number
}

/** A lock names no end, so the hub trusts it for this time after its last report. */
export const LOCK_BELIEVED_MS = 3_600_000

/** Clocks and networks are not exact. A smaller difference does not count as a change. */
const WINDOW_SLACK_MS = 5_000

/** While a lock is trusted, its row is written twice. */
const LOCK_SLACK_MS = LOCK_BELIEVED_MS / 2

/** The new end of the hold that is known of the device's row; undefined if nothing has changed that matters. */
export function heldUntil(heard: HeardHold, knownMs: number | undefined, nowMs: number): number | undefined {
  const said = saidHold(heard)
  // It does not wait any more: its time begins now at the latest.
  if (!said) return knownMs !== undefined && knownMs > nowMs ? nowMs : undefined
  const isNews = knownMs === undefined || Math.abs(said.untilMs - knownMs) > said.slackMs
  return isNews ? said.untilMs : undefined
}

function saidHold({ item: { cause, opensAtMs }, saidAtMs, heardAtMs }: HeardHold) {
  if (cause?.code === UPDATE_LOCKED) return { untilMs: heardAtMs + LOCK_BELIEVED_MS, slackMs: LOCK_SLACK_MS }
  if (cause?.code !== WINDOW_WAITS || opensAtMs === undefined) return undefined
  return { untilMs: heardAtMs + Math.max(0, opensAtMs - saidAtMs), slackMs: WINDOW_SLACK_MS }
}
