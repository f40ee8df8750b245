/** Monitors: the rules by which the hub compares a model's values with its reference, and acts when they move. */
import * as z from 'zod'
import { Digest } from '../values/digest.ts'
import { InstantMs, Name } from '../values/names.ts'
import { FeatureName, ProfileOrigin } from './profile.ts'

/** The thresholds of one measure: below `warn` all is well. */
const Threshold = (warn: number, alert: number) =>
  z
    .strictObject({ warn: z.number().min(0).max(100).default(warn), alert: z.number().min(0).max(100).default(alert) })
    .refine((given) => given.warn <= given.alert, 'warn must not be above alert')
    .prefault({})

/** A dry run says what it would do, and does nothing. */
const ActionShape = {
  isDryRun: z.boolean().default(true),
  /** After it was done, it is not done again for this time. */
  coolDownSeconds: z.int().min(60).max(604_800).default(3_600),
  /** In seven days. A rule that fires more often is wrong itself. */
  weeklyMax: z.int().min(1).max(100).default(3),
}

/** rollback: the deployments that want the version return to the revision before. */
export const MonitorAction = z.discriminatedUnion('do', [z.strictObject({ do: z.literal('rollback'), ...ActionShape })])
export type MonitorAction = z.infer<typeof MonitorAction>

/** One action that was done, or would have been. */
export const MonitorAct = z.strictObject({
  atMs: InstantMs,
  action: z.enum(['rollback']),
  version: z.int().min(1),
  outcome: z.enum(['done', 'dry-run', 'failed']),
  message: z.string().max(1_000),
})
export type MonitorAct = z.infer<typeof MonitorAct>

/** The acts that are shown of a monitor. */
export const ACTS_SHOWN = 20

/**
 * The monitor of a model. There is one for each model, and it has the model's name.
 */
export const MonitorSpec = z.strictObject({
  model: Name,
  /** The length of a window on the device. Shorter ones find a change sooner, and need more room. */
  windowSeconds: z.int().min(5).max(86_400).default(300),
  /** The newest windows that are compared with the reference together. */
  windows: z.int().min(1).max(1_000).default(3),
  /** With fewer rows there is no verdict. */
  rowsMin: z.int().min(10).max(1_000_000).default(500),
  /** Of the population stability index. */
  drift: Threshold(0.1, 0.25),
  /** Of the share of values that are NaN or infinite, above that of the reference. */
  missing: Threshold(0.01, 0.05),
  /** The hub does these when a version alerts. */
  actions: z.array(MonitorAction).max(8).default([]),
})
export type MonitorSpec = z.infer<typeof MonitorSpec>

/**
 * waiting: too few rows for a verdict. quiet: no device has sent a window for some time. unprofiled: the version has no
 * reference profile.
 */
export const MonitorState = z.enum(['ok', 'warn', 'alert', 'waiting', 'quiet', 'unprofiled'])
export type MonitorState = z.infer<typeof MonitorState>

/** The reasons of a warning or alert. stuck: all devices' values are one value, and the reference's are not. */
export const FeatureFinding = z.enum(['drift', 'missing', 'stuck'])
export type FeatureFinding = z.infer<typeof FeatureFinding>

/** The shares of the reference and of now in each bin, as FeatureCounts has them. */
export const BinShares = z.strictObject({
  edges: z.array(z.number()),
  reference: z.array(z.number().min(0).max(1)),
  current: z.array(z.number().min(0).max(1)),
})
export type BinShares = z.infer<typeof BinShares>

export const FeatureVerdict = z.strictObject({
  feature: FeatureName,
  state: z.enum(['ok', 'warn', 'alert', 'waiting']),
  findings: z.array(FeatureFinding),
  values: z.number().min(0),
  /** Absent without values. */
  stability: z.number().min(0).optional(),
  jensenShannon: z.number().min(0).optional(),
  kolmogorovSmirnov: z.number().min(0).optional(),
  missingShare: z.number().min(0).max(1),
  mean: z.number().optional(),
  referenceMean: z.number().optional(),
  /** Absent in lists, and without values. */
  bins: BinShares.optional(),
})
export type FeatureVerdict = z.infer<typeof FeatureVerdict>

/** One version of a monitored model, as its devices see it now. */
export const VersionVerdict = z.strictObject({
  version: z.int().min(1),
  state: MonitorState,
  /** The time of the compared windows. */
  fromMs: InstantMs.optional(),
  toMs: InstantMs.optional(),
  /** Each of one device. */
  windows: z.int().min(0),
  rows: z.number().min(0),
  /** Rows that devices answered but did not count. */
  uncounted: z.number().min(0),
  /** Worst first. A list has the worst few. */
  features: z.array(FeatureVerdict),
})
export type VersionVerdict = z.infer<typeof VersionVerdict>

export const Monitor = z.strictObject({
  spec: MonitorSpec,
  state: MonitorState,
  sinceMs: InstantMs.optional(),
  versions: z.array(VersionVerdict),
  /** Newest first. */
  acts: z.array(MonitorAct).max(ACTS_SHOWN),
  changedAtMs: InstantMs,
  changedBy: z.string(),
})
export type Monitor = z.infer<typeof Monitor>

/** The reference profile of a version, without its bins. */
export const ProfileSummary = z.strictObject({
  model: Name,
  version: z.int().min(1),
  digest: Digest,
  origin: ProfileOrigin,
  rows: z.int().min(1),
  features: z.int().min(1),
  left: z.int().min(0),
  /** The share of right answers in the labelled rows; absent without labels. */
  accuracy: z.number().min(0).max(1).optional(),
  madeAtMs: InstantMs,
  madeBy: z.string(),
})
export type ProfileSummary = z.infer<typeof ProfileSummary>

/** A day of windows of five minutes. More windows are merged. */
export const POINTS_MAX = 288

/** One point in time of a version: its rows, and the stability index of each feature, null without values. */
export const StabilityPoint = z.strictObject({
  startMs: InstantMs,
  endMs: InstantMs,
  /** Each of one device. */
  windows: z.int().min(1),
  rows: z.number().min(0),
  stability: z.array(z.number().min(0).nullable()),
})
export type StabilityPoint = z.infer<typeof StabilityPoint>

export const StabilitySeries = z.strictObject({
  version: z.int().min(1),
  /** The features of the points, in the order of the profile. */
  features: z.array(FeatureName),
  points: z.array(StabilityPoint).max(POINTS_MAX),
})
export type StabilitySeries = z.infer<typeof StabilitySeries>
