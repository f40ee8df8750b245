/** Parts: spreads the requests of a time over the hours and days of the clock. */
import { portionOf, type TrafficCounts } from './counts.ts'
import type { Growth } from './growth.ts'

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** The shortest parts of the sums of all devices, and of the sums of one. Each is a part of an hour. */
export const FLEET_STEP_MS = 300_000
export const DEVICE_STEP_MS = 900_000

/** As long as the hub keeps them. */
export const TRAFFIC_AGE_MAX_MS = 400 * DAY_MS

/** The requests in one part of the clock: `startMs` is a multiple of `stepMs`. */
export type TrafficPart = { startMs: number; stepMs: number; counts: TrafficCounts }

/**
 * The growth in parts of the clock, evenly: a device that was away reports one number for its whole absence. Whole hours
 * and days of an absence are one part each, so that a year has no more than some four hundred.
 */
export function partsOf({ fromMs, toMs, counts }: Growth, stepMs: number): TrafficPart[] {
  const beginMs = Math.max(fromMs, toMs - TRAFFIC_AGE_MAX_MS)
  const share = (ms: number) => (ms - beginMs) / (toMs - beginMs)
  const parts: TrafficPart[] = []
  for (let atMs = beginMs; atMs < toMs; ) {
    const whole = [DAY_MS, HOUR_MS].find((step) => atMs % step === 0 && atMs + step <= toMs) ?? stepMs
    const startMs = atMs - (atMs % whole)
    const endMs = Math.min(startMs + whole, toMs)
    parts.push({ startMs, stepMs: whole, counts: portionOf(counts, share(atMs), share(endMs)) })
    atMs = endMs
  }
  return parts
}
