/** Performance of a model: its answers compared with the labels that people or later events gave. */
import * as z from 'zod'
import { InstantMs, Name } from '../values/names.ts'
import { CaptureTask, LabelValue } from './capture.ts'

/** More classes than a person compares; the rarest ones are left out of the list. */
export const CLASSES_SHOWN = 100

const share = z.number().min(0).max(1)

/** Of one class; null if the share has no denominator, such as the precision of a class that is never predicted. */
export const ClassPerformance = z.strictObject({
  class: LabelValue,
  /** Rows with this label. */
  labels: z.int().min(0),
  precision: share.nullable(),
  recall: share.nullable(),
  f1: share.nullable(),
})
export type ClassPerformance = z.infer<typeof ClassPerformance>

/** The answers of one version in one period. */
export const PerformanceFigures = z.strictObject({
  labels: z.int().min(0),
  /** The share of right answers. Only of a classification. */
  accuracy: share.optional(),
  classes: z.array(ClassPerformance).max(CLASSES_SHOWN).optional(),
  /** Mean absolute error, and root of the mean squared error. Only of a regression. */
  mae: z.number().min(0).optional(),
  rmse: z.number().min(0).optional(),
  /**
   * Without labels: the accuracy that the confidences of all counted answers let expect, by the calibration of the
   * version. It does not see that the same input has come to mean something else.
   */
  estimated: z.strictObject({ rows: z.number().min(0), accuracy: share }).optional(),
  /** Of a regression without labels: the mean absolute error that the values of all counted rows let expect. */
  estimatedError: z.strictObject({ rows: z.number().min(0), mae: z.number().min(0) }).optional(),
})
export type PerformanceFigures = z.infer<typeof PerformanceFigures>

export const PerformancePeriod = z.strictObject({
  version: z.int().min(1),
  fromMs: InstantMs,
  toMs: InstantMs,
  ...PerformanceFigures.omit({ classes: true }).shape,
})
export type PerformancePeriod = z.infer<typeof PerformancePeriod>

export const VersionPerformance = z.strictObject({
  version: z.int().min(1),
  ...PerformanceFigures.shape,
  /** In the labelled rows of its calibration. */
  referenceAccuracy: share.optional(),
  /** In the labelled rows of its model of errors. */
  referenceMae: z.number().min(0).optional(),
})
export type VersionPerformance = z.infer<typeof VersionPerformance>

/** Points of a chart. */
export const PERIODS_MAX = 1_000

export const ModelPerformance = z.strictObject({
  model: Name,
  task: CaptureTask,
  fromMs: InstantMs,
  toMs: InstantMs,
  versions: z.array(VersionPerformance),
  /** Oldest first; a period without labels is left out. */
  periods: z.array(PerformancePeriod).max(PERIODS_MAX),
})
export type ModelPerformance = z.infer<typeof ModelPerformance>
