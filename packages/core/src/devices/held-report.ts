/** Held report: what a device's report about an item says of how long it waits for a window or a lock, by the hub's clock. */
import type { ItemReport } from '@skerry/contract/devices/item'
import { UPDATE_LOCKED, WINDOW_WAITS } from '../device/update-hold.ts'

export type HeardHold = {
  item: Pick<ItemReport, 'cause' | 'opensAtMs'>
  /** When the device said so, by its own clock and by ours: what counts is for how long it still waits. */
  saidAtMs: number
  heardAtMs: number
}

/** A lock says no end, so it is believed for so long after it was last heard of. */
export const LOCK_BELIEVED_MS = 3_600_000

/** Clocks and networks are not exact; what differs by less is no news. */
const WINDOW_SLACK_MS = 5_000

/** A row is written anew twice while a lock is believed. */
const LOCK_SLACK_MS = LOCK_BELIEVED_MS / 2

/** The new end of the hold that is known of the device's row; undefined where nothing has changed that matters. */
export function heldUntil(heard: HeardHold, knownMs: number | undefined, nowMs: number): number | undefined {
  const said = saidHold(heard)
  // It waits no more: its time has begun, if it had not.
  if (!said) return knownMs !== undefined && knownMs > nowMs ? nowMs : undefined
  const isNews = knownMs === undefined || Math.abs(said.untilMs - knownMs) > said.slackMs
  return isNews ? said.untilMs : undefined
}

function saidHold({ item: { cause, opensAtMs }, saidAtMs, heardAtMs }: HeardHold) {
  if (cause?.code === UPDATE_LOCKED) return { untilMs: heardAtMs + LOCK_BELIEVED_MS, slackMs: LOCK_SLACK_MS }
  if (cause?.code !== WINDOW_WAITS || opensAtMs === undefined) return undefined
  return { untilMs: heardAtMs + Math.max(0, opensAtMs - saidAtMs), slackMs: WINDOW_SLACK_MS }
}
