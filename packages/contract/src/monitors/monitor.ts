/** Monitors: the rules by which the hub compares a model's values with its reference, and acts when they move. */
import * as z from 'zod'
import { WebhookUrl } from '../deployments/analysis.ts'
import { UpdateWindow } from '../deployments/update-window.ts'
import { TagName } from '../sources/tag.ts'
import { Digest } from '../values/digest.ts'
import { RolloutId } from '../values/ids.ts'
import { InstantMs, Name, Reason } from '../values/names.ts'
import { MonitorAct, MonitorAction } from './action.ts'
import { FEATURES_MAX, FeatureForm, FeatureName, ProfileOrigin } from './profile.ts'
import { MonitorSubject } from './subject.ts'

/** The thresholds of one measure: below `warn` all is well. */
const Threshold = (warn: number, alert: number) =>
  z
    .strictObject({ warn: z.number().min(0).max(100).default(warn), alert: z.number().min(0).max(100).default(alert) })
    .refine((given) => given.warn <= given.alert, 'warn must not be above alert')
    .prefault({})

/** A cohort is the devices of one site, or with one value of a label. */
export const CohortKey = z.union([
  z.literal('site'),
  z.string().regex(/^label:[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$/, 'must be site, or label:KEY such as label:line'),
])
export type CohortKey = z.infer<typeof CohortKey>

/** Such as `site=hamburg` or `line=3`. */
export const CohortName = z.string().min(1).max(140)

/** Each window is added up once more for each of them. */
export const COHORT_KEYS_MAX = 4

/** Cohorts that a verdict shows and judges; a heat map with more rows is no help. */
export const COHORTS_MAX = 200

/** More versions than a person compares. */
export const EARLIER_SHOWN = 50

/** The acts that are shown of a monitor. */
export const ACTS_SHOWN = 20

/**
 * The monitor of a model or of a source. There is one for each of them, and it has its name; that of a source is
 * `source:NAME`.
 */
export const MonitorSpec = z.strictObject({
  model: MonitorSubject,
  /** Of a source: the watched tags. Its first 64 if absent. */
  tags: z.array(TagName).min(1).max(FEATURES_MAX).optional(),
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
  /** Of the estimated share of right answers, below that of the labelled rows of the profile. */
  accuracy: Threshold(0.05, 0.1),
  /** Of the estimated mean error of a regression: the rise above that of the labelled rows, as a share of it. */
  error: Threshold(0.2, 0.5),
  /**
   * A difference that chance explains with a larger probability is no drift, however large it is. The probabilities of
   * all features are corrected together. 1 switches this off.
   */
  significance: z.number().gt(0).max(1).default(0.05),
  /** Each group of devices is judged by itself too. */
  cohorts: z.array(CohortKey).max(COHORT_KEYS_MAX).default(['site']),
  /**
   * version: all cohorts are compared with the profile of the version. cohort: each is compared with its own counts of
   * the first days, if "baseline --from-devices" has collected them.
   */
  reference: z.enum(['version', 'cohort']).default('version'),
  /** A version whose own counts alert on a device in its probation there fails it, also without the hub. */
  failsProbation: z.boolean().default(false),
  /** The hub does these when a version alerts. */
  actions: z.array(MonitorAction).max(8).default([]),
  /** An Alertmanager, such as `https://alertmanager:9093`. While a version alerts, it hears so every half minute. */
  alertmanager: WebhookUrl.optional(),
  /** In these times there are no alerts and no actions: the equipment is under maintenance. */
  quietTimes: z.array(UpdateWindow).max(8).default([]),
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
  side: z.enum(['input', 'output']).optional(),
  form: FeatureForm.optional(),
  state: z.enum(['ok', 'warn', 'alert', 'waiting']),
  findings: z.array(FeatureFinding),
  values: z.number().min(0),
  /** Absent without values. */
  stability: z.number().min(0).optional(),
  jensenShannon: z.number().min(0).optional(),
  kolmogorovSmirnov: z.number().min(0).optional(),
  /** Divided by the standard deviation of the reference. Absent for categories. */
  wasserstein: z.number().min(0).optional(),
  /** Of the chi-square test over the bins, corrected for all features. */
  pValue: z.number().min(0).max(1).optional(),
  missingShare: z.number().min(0).max(1),
  mean: z.number().optional(),
  referenceMean: z.number().optional(),
  /** Absent in lists, and without values. */
  bins: BinShares.optional(),
})
export type FeatureVerdict = z.infer<typeof FeatureVerdict>

/** A feature in a cohort: a cell of the heat map. */
export const CohortCell = FeatureVerdict.pick({ feature: true, state: true, findings: true, stability: true })

/** The devices of one cohort, judged by themselves. */
export const CohortVerdict = z.strictObject({
  cohort: CohortName,
  state: MonitorState,
  windows: z.int().min(0),
  rows: z.number().min(0),
  /** Compared with its own counts, not with those of the version. */
  isOwnReference: z.literal(true).optional(),
  /** Worst first. */
  features: z.array(CohortCell),
})
export type CohortVerdict = z.infer<typeof CohortVerdict>

/** The share of right answers that the confidences of devices let expect, and that of the labelled rows. */
export const AccuracyEstimate = z.strictObject({
  rows: z.number().min(0),
  accuracy: z.number().min(0).max(1),
  reference: z.number().min(0).max(1),
  state: z.enum(['ok', 'warn', 'alert', 'waiting']),
})
export type AccuracyEstimate = z.infer<typeof AccuracyEstimate>

/** The mean absolute error that the values of devices let expect, and that of the labelled rows. */
export const ErrorEstimate = z.strictObject({
  rows: z.number().min(0),
  mae: z.number().min(0),
  reference: z.number().min(0),
  state: z.enum(['ok', 'warn', 'alert', 'waiting']),
})
export type ErrorEstimate = z.infer<typeof ErrorEstimate>

/** The features of a version that the version before does not have in this form. Their history does not continue. */
export const FeatureChanges = z.strictObject({
  /** The newest version before it that has a reference. */
  before: z.int().min(1),
  added: z.array(FeatureName),
  removed: z.array(FeatureName),
  /** Input and output, or numbers and categories, have changed places. */
  changed: z.array(FeatureName),
})
export type FeatureChanges = z.infer<typeof FeatureChanges>

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
  /** Rows that devices report as lost, because their runner ended before the window did. */
  lost: z.number().min(0).optional(),
  /** Worst first. A list has the worst few. */
  features: z.array(FeatureVerdict),
  /** Absent if the version has the features of the version before. */
  changes: FeatureChanges.optional(),
  /** Absent if the profile has no labels, or devices no confidences. */
  estimated: AccuracyEstimate.optional(),
  /** Of a regression. Absent if the profile has no labels, or features do not predict the errors. */
  estimatedError: ErrorEstimate.optional(),
  /** Worst first. Absent in lists, and without cohorts. */
  cohorts: z.array(CohortVerdict).max(COHORTS_MAX).optional(),
  /** The cohorts that moved, if others did not. */
  moved: z.array(CohortName).max(COHORTS_MAX).optional(),
})
export type VersionVerdict = z.infer<typeof VersionVerdict>

/** A person wants neither alerts nor actions for some time. */
export const Mute = z.strictObject({ untilMs: InstantMs, reason: Reason, by: z.string() })
export type Mute = z.infer<typeof Mute>

/** A flow that writes no tags, because a version alerted. */
export const FlowHold = z.strictObject({
  flow: Name,
  version: z.int().min(1),
  sinceMs: InstantMs,
  reason: z.string().max(500),
})
export type FlowHold = z.infer<typeof FlowHold>

/** Windows that the hub did not count, and why. */
export const DroppedWindows = z.strictObject({
  /**
   * bins: of another profile, or damaged. stranger: the device does not run the version. unreadable: of a device that is
   * newer than the hub, or broken.
   */
  reason: z.enum(['bins', 'stranger', 'unreadable']),
  windows: z.int().min(1),
  rows: z.number().min(0),
})
export type DroppedWindows = z.infer<typeof DroppedWindows>

export const Monitor = z.strictObject({
  spec: MonitorSpec,
  /** Each change of the rules is one more. */
  revision: z.int().min(1).optional(),
  state: MonitorState,
  sinceMs: InstantMs.optional(),
  versions: z.array(VersionVerdict),
  /** Versions with a reference that no device serves now: their series can still be read. The newest first. */
  earlier: z.array(z.int().min(1)).max(EARLIER_SHOWN).optional(),
  /** Newest first. */
  acts: z.array(MonitorAct).max(ACTS_SHOWN),
  /** Absent if nobody has muted it. */
  mute: Mute.optional(),
  /** Whether it is muted now, by a person or by a quiet time. */
  isMuted: z.boolean().optional(),
  holds: z.array(FlowHold).optional(),
  /** Of the last 30 days. */
  dropped: z.array(DroppedWindows).optional(),
  changedAtMs: InstantMs,
  changedBy: z.string(),
})
export type Monitor = z.infer<typeof Monitor>

/** The reference profile of a version, without its bins. */
export const ProfileSummary = z.strictObject({
  model: MonitorSubject,
  version: z.int().min(1),
  digest: Digest,
  origin: ProfileOrigin,
  rows: z.int().min(0),
  features: z.int().min(1),
  left: z.int().min(0),
  /** Cohorts that have a reference of their own; absent if none has. */
  cohorts: z.int().min(1).optional(),
  /** The share of right answers in the labelled rows; absent without labels. */
  accuracy: z.number().min(0).max(1).optional(),
  /** Of a regression: the mean absolute error in the labelled rows, and how well features predict it, from 0 to 1. */
  mae: z.number().min(0).optional(),
  errorSkill: z.number().min(0).max(1).optional(),
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

/** A rollout of the model that began in the time of a series. */
export const SeriesRollout = z.strictObject({
  rollout: RolloutId,
  deployment: Name,
  version: z.int().min(1),
  atMs: InstantMs,
})
export type SeriesRollout = z.infer<typeof SeriesRollout>

/** More marks than a chart can show. */
export const ROLLOUTS_MARKED_MAX = 50

/** How far the drift of a feature goes together with worse answers, over the points of a series. */
export const DriftRank = z.strictObject({
  feature: FeatureName,
  /** Of Pearson: 1 if the answers are always the worse, the more it has moved. */
  correlation: z.number().min(-1).max(1),
  points: z.int().min(1),
  /** That chance explains as much, corrected for the number of features. */
  pValue: z.number().min(0).max(1),
})
export type DriftRank = z.infer<typeof DriftRank>

/** labels: the performance by labels. estimate: without enough labels, the estimated one. */
export const DriftRanking = z.strictObject({
  by: z.enum(['labels', 'estimate']),
  /** The features that go with it most first. */
  features: z.array(DriftRank),
})
export type DriftRanking = z.infer<typeof DriftRanking>

export const StabilitySeries = z.strictObject({
  version: z.int().min(1),
  /** The features of the points, in the order of the profile. */
  features: z.array(FeatureName),
  points: z.array(StabilityPoint).max(POINTS_MAX),
  rollouts: z.array(SeriesRollout).max(ROLLOUTS_MARKED_MAX).optional(),
  /** Absent if the performance of too few points is known. */
  withPerformance: DriftRanking.optional(),
})
export type StabilitySeries = z.infer<typeof StabilitySeries>
