/** Estimate: whether the confidences of devices let expect fewer right answers than the labelled reference had. */
import type { AccuracyEstimate, MonitorSpec } from '@skerry/contract/monitors/monitor'
import type { Calibration, ScoreCounts } from '@skerry/contract/monitors/profile'
import { estimateAccuracy, mergeScores } from './calibration.ts'

/** The confidences of all windows together; undefined without any. */
export function scoresOf(windows: readonly ScoreCounts[]): ScoreCounts | undefined {
  const [first, ...rest] = windows
  return first && rest.reduce(mergeScores, first)
}

/**
 * The estimated share of right answers, and how far it lies below that of the labelled rows of the calibration. Undefined
 * without a calibration or confidences.
 */
export function judgeEstimate(
  calibration: Calibration | undefined,
  scores: ScoreCounts | undefined,
  { accuracy: limits, rowsMin }: Pick<MonitorSpec, 'accuracy' | 'rowsMin'>,
): AccuracyEstimate | undefined {
  const estimated = calibration && scores && estimateAccuracy(calibration, scores)
  if (!estimated) return undefined
  const drop = calibration.accuracy - estimated.accuracy
  const level = drop > limits.alert ? 'alert' : drop > limits.warn ? 'warn' : 'ok'
  return { ...estimated, reference: calibration.accuracy, state: estimated.rows < rowsMin ? 'waiting' : level }
}
