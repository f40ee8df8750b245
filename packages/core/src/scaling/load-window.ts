/**
 * Load window: the measurements of the time that a scaling policy looks at. It has a bounded number of buckets for the
 * window, and the samples of the last seconds for the panic.
 */
import type { ScaleLoad, Scaling } from '@skerry/contract/scaling/scaling'

/** The load at one moment, or the mean since the sample before. */
export type LoadSample = {
  atMs: number
  /** Requests without an answer. */
  concurrency: number
  /** Units that work on one. */
  busy: number
  /** Requests that wait for a unit. */
  queue: number
  /** Requests that arrived in a second. */
  rps: number
  /** Absent if none was answered since the sample before. */
  p95Ms?: number | undefined
}

export type MeanLoad = ScaleLoad & { busy: number }

type Bucket = {
  slot: number
  count: number
  concurrency: number
  busy: number
  queue: number
  rps: number
  /** The largest of its samples since the last change of the number. */
  p95Ms?: number | undefined
  /** The largest number that the load asked for. */
  wantedMax: number
}

export type LoadWindow = { recent: readonly LoadSample[]; buckets: readonly Bucket[] }

export const EMPTY_WINDOW: LoadWindow = { recent: [], buckets: [] }

/** With 30 buckets a window is exact to a thirtieth, and a step costs the same for any window. */
const BUCKETS = 30

/** Samples of the panic: a caller that measures more often than this needs no more of them. */
const RECENT_MAX = 600

const bucketMs = ({ windowSeconds }: Scaling) => (windowSeconds * 1_000) / BUCKETS

/** Adds a sample, and forgets those that the policy does not look at any more. */
export function addSample(policy: Scaling, { recent, buckets }: LoadWindow, sample: LoadSample): LoadWindow {
  const sinceMs = sample.atMs - policy.panic.seconds * 1_000
  const slot = Math.floor(sample.atMs / bucketMs(policy))
  const kept = buckets.filter((bucket) => bucket.slot >= slot - BUCKETS && bucket.slot <= slot)
  const last = kept.at(-1)
  const isSame = last?.slot === slot
  return {
    // A sample of the future was taken before the clock was set back.
    recent: [...recent.filter(({ atMs }) => atMs > sinceMs && atMs <= sample.atMs), sample].slice(-RECENT_MAX),
    buckets: [...(isSame ? kept.slice(0, -1) : kept), merged(isSame ? last : undefined, slot, sample)],
  }
}

const merged = (into: Bucket | undefined, slot: number, sample: LoadSample): Bucket => ({
  slot,
  count: (into?.count ?? 0) + 1,
  concurrency: (into?.concurrency ?? 0) + sample.concurrency,
  busy: (into?.busy ?? 0) + sample.busy,
  queue: (into?.queue ?? 0) + sample.queue,
  rps: (into?.rps ?? 0) + sample.rps,
  p95Ms: largest([into?.p95Ms, sample.p95Ms]),
  wantedMax: into?.wantedMax ?? 0,
})

/** Notes the number that the load asked for, in the newest bucket. */
export function noteWanted({ recent, buckets }: LoadWindow, wanted: number): LoadWindow {
  const last = buckets.at(-1)
  if (!last || last.wantedMax >= wanted) return { recent, buckets }
  return { recent, buckets: [...buckets.slice(0, -1), { ...last, wantedMax: wanted }] }
}

/** Durations of requests that another number of units answered are no evidence about this one. */
export const forgetDurations = ({ recent, buckets }: LoadWindow): LoadWindow => ({
  recent: recent.map((sample) => ({ ...sample, p95Ms: undefined })),
  buckets: buckets.map((bucket) => ({ ...bucket, p95Ms: undefined })),
})

/** The largest number that the load of the window asked for. */
export const wantedMaxOf = ({ buckets }: LoadWindow): number =>
  buckets.reduce((most, { wantedMax }) => Math.max(most, wantedMax), 0)

/** The means over the window. */
export const stableLoad = ({ buckets }: LoadWindow): MeanLoad =>
  meanOf(
    buckets,
    buckets.reduce((sum, { count }) => sum + count, 0),
  )

/** The means over the last seconds. */
export const panicLoad = ({ recent }: LoadWindow): MeanLoad => meanOf(recent, recent.length)

type Sums = Pick<Bucket, 'concurrency' | 'busy' | 'queue' | 'rps' | 'p95Ms'>

function meanOf(parts: readonly Sums[], count: number): MeanLoad {
  const mean = (figureOf: (part: Sums) => number) =>
    count === 0 ? 0 : parts.reduce((sum, part) => sum + figureOf(part), 0) / count
  const p95Ms = largest(parts.map((part) => part.p95Ms))
  return {
    concurrency: mean((part) => part.concurrency),
    busy: mean((part) => part.busy),
    queue: mean((part) => part.queue),
    rps: mean((part) => part.rps),
    ...(p95Ms !== undefined && { p95Ms }),
  }
}

function largest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : known.reduce((most, value) => Math.max(most, value))
}
