/** Served p95: the time within which a version answers 95 of 100 requests on a device, as far as its report says. */
import type { VersionStats } from '@skerry/contract/devices/item'

/** With fewer requests, the slowest five decide. */
const SERVED_REQUESTS_MIN = 100

/**
 * Undefined if the device has served too few requests. The median of an older agent is a lower bound: if it is above a
 * goal, the p95 is above it, too.
 */
export function servedP95Us(stats: VersionStats | undefined): number | undefined {
  if (!stats || stats.requests < SERVED_REQUESTS_MIN) return undefined
  return stats.p95Us ?? stats.p50Us
}
