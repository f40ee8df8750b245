/**
 * Request window: the number of a caller's requests within the last minute, out of two numbers. These are the count of
 * this minute of the clock, and the count of the one before, weighted by its share in the last 60 s. The window forgets
 * evenly, and needs no list of instants.
 */
export type RequestWindow = { minute: number; count: number; before: number }

const MINUTE_MS = 60_000

/** The window at this time: counts older than the previous minute of the clock are forgotten. */
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

/** How long until one more would stay within `max`; 0 if it does now. */
export function waitMs({ minute, count, before }: RequestWindow, max: number, nowMs: number): number {
  const sinceMs = nowMs - minute * MINUTE_MS
  const free = max - 1 - count
  // The count of this minute begins to fade only with the next one.
  if (free < 0) return MINUTE_MS - sinceMs + upwards((1 - (max - 1) / count) * MINUTE_MS)
  if (before <= free) return 0
  return Math.max(0, upwards((1 - free / before) * MINUTE_MS - sinceMs))
}

/** Rounds up to whole milliseconds, and ignores the rest of a division. */
const upwards = (ms: number) => Math.ceil(ms - 1e-6)
