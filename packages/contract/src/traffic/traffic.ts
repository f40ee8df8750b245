/** Traffic: the requests, errors and latency of a model over time, of all its devices or of one. */
import * as z from 'zod'
import { SeriesRollout } from '../monitors/monitor.ts'
import { InstantMs, Name } from '../values/names.ts'

/** The times that a chart covers; each has points of one length. */
export const TrafficSpan = z.enum(['day', 'week', 'year'])
export type TrafficSpan = z.infer<typeof TrafficSpan>

/** A year of days. A day of five minutes has 288. */
export const TRAFFIC_POINTS_MAX = 366

/** More versions in one year than a table shows. The newest ones. */
export const TRAFFIC_VERSIONS_MAX = 50

const counts = {
  /** Requests that were answered or failed. */
  requests: z.int().min(0),
  failures: z.int().min(0),
  /** Requests that devices rejected because a queue was full. They are not in `requests`. */
  dropped: z.int().min(0),
  /** Of all answered requests together. Absent if the devices counted no latency. */
  p50Us: z.number().min(0).optional(),
  p95Us: z.number().min(0).optional(),
}

/** The device with the highest p95 of its own. */
export const SlowestDevice = z.strictObject({ device: Name, p95Us: z.number().min(0) })
export type SlowestDevice = z.infer<typeof SlowestDevice>

export const TrafficPoint = z.strictObject({
  startMs: InstantMs,
  endMs: InstantMs,
  ...counts,
  /** Devices still report requests of this time: the counts can grow. */
  isOpen: z.literal(true).optional(),
  /** Absent in the series of one device, and if no device answered enough requests. */
  slowest: SlowestDevice.optional(),
})
export type TrafficPoint = z.infer<typeof TrafficPoint>

/** All requests to one version in the whole time. */
export const VersionTraffic = z.strictObject({ version: z.int().min(1), ...counts })
export type VersionTraffic = z.infer<typeof VersionTraffic>

export const TrafficSeries = z.strictObject({
  model: Name,
  fromMs: InstantMs,
  toMs: InstantMs,
  stepMs: z.int().min(1),
  /** A time without a point has no report of any device. A point without requests is an idle time. */
  points: z.array(TrafficPoint).max(TRAFFIC_POINTS_MAX),
  /** The newest version first. */
  versions: z.array(VersionTraffic).max(TRAFFIC_VERSIONS_MAX),
  /** Rollouts of the model that began in this time. */
  rollouts: z.array(SeriesRollout).max(50),
})
export type TrafficSeries = z.infer<typeof TrafficSeries>
