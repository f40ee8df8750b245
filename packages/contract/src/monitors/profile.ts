/**
 * Reference profile of a version: for each feature (a column of an input or output), how its values were distributed in
 * the data that the version is for. Devices count into its bins, so that their counts can be added and compared.
 */
import * as z from 'zod'
import { Digest } from '../values/digest.ts'
import { InstantMs } from '../values/names.ts'
import { Grid } from './grid.ts'
import { MonitorSubject } from './subject.ts'

/** Ten bins, as credit scoring has them, and one below and one above. More hold too few values of a small window. */
export const EDGES_MAX = 33

/** A model with more columns is watched by its first ones. A sensor has tens of them; a picture is one feature. */
export const FEATURES_MAX = 64

/** The name of a tensor, and the column of it if it has several. */
export const FeatureName = z.string().min(1).max(220)
export type FeatureName = z.infer<typeof FeatureName>

/** A million rows a second for ten days. Sums of more could overflow. */
const count = z.number().min(0).max(1e12)

/** n, mean and sum of squared distances from it: they merge without loss [Chan, Golub, LeVeque 1979]. */
export const Moments = z.strictObject({
  n: count,
  mean: z.number(),
  squares: z.number().min(0),
  min: z.number(),
  max: z.number(),
})
export type Moments = z.infer<typeof Moments>

/**
 * The counts of a feature: `counts[0]` below the first edge, `counts[i]` from edge i - 1 up to edge i, the last at or
 * above the last edge. `missing`: NaN or infinite.
 */
export const FeatureCounts = z.strictObject({
  counts: z
    .array(count)
    .min(1)
    .max(EDGES_MAX + 1),
  missing: count,
  /** Absent without any finite value. */
  moments: Moments.optional(),
  /** Of the tags of a source, without pictures and lists. */
  grid: Grid.optional(),
})
export type FeatureCounts = z.infer<typeof FeatureCounts>

/** number: the order and the distance of values mean something. */
export const FeatureForm = z.enum(['number', 'category'])
export type FeatureForm = z.infer<typeof FeatureForm>

/** The bins of a category have room for them. */
export const CLUSTERS_MAX = 8

/** With eight clusters, a row takes some 2 µs, and the numbers 4 KB. */
export const CLUSTER_DIMENSIONS_MAX = 64

/** Two for each embedding: the held document of a device has the centroids of all its models. */
export const CLUSTER_FEATURES_MAX = 4

/** The clusters of an embedding in the reference. Not strict: a later hub may add fields. */
export const Clusters = z.object({
  tensor: z.string().min(1).max(200),
  /** Every so many columns are read. */
  step: z.int().min(1),
  /** cluster: the value of a row is the number of its nearest centroid. distance: the distance to it. */
  part: z.enum(['cluster', 'distance']),
  centroids: z.array(z.array(z.number()).min(1).max(CLUSTER_DIMENSIONS_MAX)).min(2).max(CLUSTERS_MAX),
})
export type Clusters = z.infer<typeof Clusters>

export const FeatureProfile = z.strictObject({
  feature: FeatureName,
  side: z.enum(['input', 'output']),
  tensor: z.string().min(1).max(200),
  /** Absent for a tensor whose values are one feature. */
  column: z.int().min(0).optional(),
  /** A category has a bin for each of its whole numbers, and bins between and outside them for unseen ones. */
  form: FeatureForm.optional(),
  /** The value of a row is the number of its largest column: the class of a classifier. */
  isClass: z.literal(true).optional(),
  /**
   * Of an embedding. `tensor` above is then the name of the feature, which no tensor has: a device of version 0.1.0 counts
   * nothing for it.
   */
  clusters: Clusters.optional(),
  /** Increasing; none if all values are missing or the same. */
  edges: z.array(z.number()).max(EDGES_MAX),
  ...FeatureCounts.shape,
})
export type FeatureProfile = z.infer<typeof FeatureProfile>

/**
 * golden: the golden inputs of the version. data-set: rows that a person gave. devices: windows that devices counted. start:
 * of a source whose devices have not been taken as the reference yet.
 */
export const ProfileOrigin = z.enum(['golden', 'data-set', 'devices', 'start'])
export type ProfileOrigin = z.infer<typeof ProfileOrigin>

/** Parts of confidences. An estimate from them differs by less than a percent from one by all rows. */
export const SCORE_BINS = 50

/** With 50 counts each, a window of all of them has some 10 KB. */
export const SCORE_CLASSES_MAX = 32

const shares = z.array(z.number().min(0).max(1)).length(SCORE_BINS)

/** How often the version was right at each confidence, in labelled rows. */
export const Calibration = z.strictObject({
  /** The output with the scores; the first one that fits if absent. */
  output: z.string().min(1).max(200).optional(),
  rows: z.int().min(1),
  accuracy: z.number().min(0).max(1),
  classes: z
    .array(z.strictObject({ class: z.string().min(1).max(200), rows: z.int().min(1), right: shares }))
    .max(SCORE_CLASSES_MAX),
  /** Of all rows; it counts for the classes that are not listed. */
  rest: shares,
})
export type Calibration = z.infer<typeof Calibration>

/** The error of a regression, predicted from the bins of its features. */
export const ErrorModel = z.strictObject({
  /** The output with the number; the first one that fits if absent. */
  output: z.string().min(1).max(200).optional(),
  rows: z.int().min(1),
  /** The mean absolute error of the labelled rows. */
  mae: z.number().min(0),
  /** The share of the spread of errors that it explains in rows that it was not fitted to. */
  skill: z.number().min(0).max(1),
  base: z.number(),
  /** Of each feature: one for each bin, and one for missing values. None if features do not predict the errors. */
  weights: z.array(z.array(z.number()).max(EDGES_MAX + 2)).max(FEATURES_MAX),
})
export type ErrorModel = z.infer<typeof ErrorModel>

/** How many answers had each confidence, by predicted class in the order of the calibration. */
export const ScoreCounts = z.strictObject({
  classes: z.array(z.array(count).length(SCORE_BINS)).max(SCORE_CLASSES_MAX),
  rest: z.array(count).length(SCORE_BINS),
})
export type ScoreCounts = z.infer<typeof ScoreCounts>

export const ReferenceProfile = z.strictObject({
  v: z.literal(1),
  model: MonitorSubject,
  version: z.int().min(1),
  origin: ProfileOrigin,
  rows: z.int().min(0),
  features: z.array(FeatureProfile).min(1).max(FEATURES_MAX),
  /** Features of the model that are not watched, because there are more than the limit. */
  left: z.int().min(0),
  /** Absent without labels. */
  calibration: Calibration.optional(),
  /** Absent without labels that are numbers. */
  errors: ErrorModel.optional(),
})
export type ReferenceProfile = z.infer<typeof ReferenceProfile>

/** One window of one version on one device, as the device sends it. Not strict: a later device may add fields. */
export const MonitorWindow = z.object({
  v: z.literal(1),
  model: MonitorSubject,
  version: z.int().min(1),
  /** The profile whose bins were counted. */
  profile: Digest,
  startMs: InstantMs,
  endMs: InstantMs,
  /** Rows that the version answered, and those of them that were counted. */
  rows: z.int().min(0),
  counted: z.int().min(0),
  /** Rows of open windows that the runner of the device has lost since its last window. */
  lost: z.int().min(0).optional(),
  /** In the order of the profile's features. */
  features: z.array(FeatureCounts).max(FEATURES_MAX),
  /** Absent if the profile has no calibration. */
  scores: ScoreCounts.optional(),
})
export type MonitorWindow = z.infer<typeof MonitorWindow>

/** The signal of windows in the queue for the hub, before the model's name. Names of flows have no underscore. */
export const WINDOW_SIGNAL = '_monitor/'

/** A signal has no colon: that of a source is `_monitor/source/press`. */
export const windowSignal = (subject: string): string => `${WINDOW_SIGNAL}${subject.replace(':', '/')}`

/** The subject of the windows with that signal. */
export const subjectOfSignal = (signal: string): string => signal.slice(WINDOW_SIGNAL.length).replace('/', ':')
