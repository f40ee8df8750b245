/**
 * Round trip: the latency of a device from measured pings. A single slow answer says nothing about a network, and
 * differences of milliseconds are no reason to move a model.
 */

/** Pings that count: with one each half minute, those of five minutes. */
const PINGS_MAX = 10

/** Fewer are the start of a device, or a moment of load. */
const PINGS_MIN = 3

/** Changes below both are not stored: a fleet that writes each ping would cost more than it tells. */
const NOISE_MS = 2
const NOISE_SHARE = 0.25

/** In milliseconds. Devices of one step count as equally near: 20 ms are a country, 50 ms a continent. */
const STEPS = [20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000]

/** The newest pings, with this one. */
export const withPing = (pings: readonly number[], ms: number): number[] => [...pings, ms].slice(-PINGS_MAX)

/** The least of the pings, because a busy device answers late and never early. Undefined if there are too few. */
export const roundTripOf = (pings: readonly number[]): number | undefined =>
  pings.length < PINGS_MIN ? undefined : Math.min(...pings)

/** Whether the round trip differs enough from the stored one. */
export const isRoundTripNews = (stored: number | undefined, ms: number): boolean =>
  stored === undefined || Math.abs(ms - stored) > Math.max(NOISE_MS, NOISE_SHARE * stored)

/** The latency by which a policy compares devices. */
export const latencyStep = (ms: number): number => STEPS.find((step) => ms <= step) ?? 60_000
