/**
 * Liveness: whether a device is online. It is computed at each request and never stored, because a stored value would
 * be wrong when the device falls silent.
 */
import type { Liveness } from '@skerry/contract/devices/device'

/** Two reports may get lost on a bad line; a third missing one is a sign. */
export const STALE_INTERVALS = 3

/** The times of a device's reports; both are null before the first report. */
export type LastReport = { last_seen_at_ms: number | null; stale_at_ms: number | null }

/** Never online, online now, or silent for longer than three report intervals. */
export function livenessOf({ last_seen_at_ms, stale_at_ms }: LastReport, nowMs: number): Liveness {
  if (last_seen_at_ms === null || stale_at_ms === null) return 'never'
  return nowMs > stale_at_ms ? 'stale' : 'online'
}
