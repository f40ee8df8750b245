/**
 * Liveness: whether a device is online. It is computed at each request and never stored, because a stored value would
 * be wrong when the device falls silent. The goodbye of an agent makes its last report stale at once.
 */
import type { Liveness } from '@skerry/contract/devices/device'
import { isRestart } from '@skerry/core/devices/device-events'

/** Two reports may get lost on a bad line; a third missing one is a sign. */
export const STALE_INTERVALS = 3

/** The times of a device's reports; both are null before the first report. */
export type LastReport = { last_seen_at_ms: number | null; stale_at_ms: number | null }

/** Never online, online now, or stale: silent for longer than three report intervals, or stopped in order. */
export function livenessOf({ last_seen_at_ms, stale_at_ms }: LastReport, nowMs: number): Liveness {
  if (last_seen_at_ms === null || stale_at_ms === null) return 'never'
  return nowMs > stale_at_ms ? 'stale' : 'online'
}

/** Whether selectors take the device as online: a restart of its agent must not change who has a deployment. */
export function isOnline(report: LastReport, nowMs: number): boolean {
  if (livenessOf(report, nowMs) === 'online') return true
  const { last_seen_at_ms: lastSeenAtMs, stale_at_ms: staleAtMs } = report
  return lastSeenAtMs !== null && staleAtMs !== null && isRestart({ lastSeenAtMs, staleAtMs }, nowMs)
}

/** Whether the device reports, and its last link has not ended. An older hub stored no links. */
export function isConnected(row: LastReport & { link_ended_at_ms: number | null }, nowMs: number): boolean {
  return livenessOf(row, nowMs) === 'online' && row.link_ended_at_ms === null
}

/** The liveness by which lists speak of the device: it is silent as soon as its last link ended. */
export function spokenLivenessOf(row: LastReport & { link_ended_at_ms: number | null }, nowMs: number): Liveness {
  const liveness = livenessOf(row, nowMs)
  return liveness === 'online' && row.link_ended_at_ms !== null ? 'stale' : liveness
}

type Contact = LastReport & { connected_at_ms: number | null; link_ended_at_ms: number | null; created_at_ms: number }

/** Seconds since the hub last heard the device, whole; 0 if it is connected and reports. */
export function silentSecondsOf(row: Contact, nowMs: number): number {
  const { last_seen_at_ms: seenAtMs, connected_at_ms: connectedAtMs, link_ended_at_ms: endedAtMs } = row
  const isConnected = connectedAtMs !== null && endedAtMs === null
  if (isConnected && livenessOf(row, nowMs) === 'online') return 0
  const heardAtMs = Math.max(seenAtMs ?? row.created_at_ms, endedAtMs ?? 0)
  return Math.max(0, Math.floor((nowMs - heardAtMs) / 1_000))
}
