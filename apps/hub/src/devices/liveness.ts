/** Liveness: whether a device is heard. Computed when somebody asks, never stored: a stored one would be wrong the moment a device falls silent. */
import type { Liveness } from '@skerry/contract/devices/device'

/** Two reports may get lost on a bad line; a third is news. */
export const STALE_INTERVALS = 3

/** What the hub knows of a device's reports; both null before the first. */
export type Heard = { last_seen_at_ms: number | null; stale_at_ms: number | null }

/** Never heard, heard lately, or silent for longer than three reports are apart. */
export function livenessOf({ last_seen_at_ms, stale_at_ms }: Heard, nowMs: number): Liveness {
  if (last_seen_at_ms === null || stale_at_ms === null) return 'never'
  return nowMs > stale_at_ms ? 'stale' : 'online'
}
