/**
 * Request window: how often somebody has asked within the last minute, out of two numbers: what was counted in this minute of the clock, and
 * in the one before, of which the part counts that the last 60 s still reach into. It forgets evenly, and costs no list of instants.
 */
export type RequestWindow = { minute: number; count: number; before: number }

const MINUTE_MS = 60_000

/** The window as it is now: what is older than a minute of the clock before is forgotten. */
export function windowAt(window: RequestWindow | undefined, nowMs: number): RequestWindow {
  const minute = Math.floor(nowMs / MINUTE_MS)
  if (window?.minute === minute) return window
  return { minute, count: 0, before: window?.minute === minute - 1 ? window.count : 0 }
}

/** How many within the last minute. */
export function usedIn({ minute, count, before }: RequestWindow, nowMs: number): number {
  const passed = (nowMs - minute * MINUTE_MS) / MINUTE_MS
  return count + before * (1 - passed)
}

/** How long until one more would stay within `max`; 0 where it does now. */
export function waitMs({ minute, count, before }: RequestWindow, max: number, nowMs: number): number {
  const sinceMs = nowMs - minute * MINUTE_MS
  const free = max - 1 - count
  // What was counted in this minute only begins to fade with the next.
  if (free < 0) return MINUTE_MS - sinceMs + upwards((1 - (max - 1) / count) * MINUTE_MS)
  if (before <= free) return 0
  return Math.max(0, upwards((1 - free / before) * MINUTE_MS - sinceMs))
}

/** To whole milliseconds; what a division left over is none. */
const upwards = (ms: number) => Math.ceil(ms - 1e-6)
