/**
 * Metric: the figure by which a campaign judges its weights on held-out rows. It is the accuracy if answers are right or
 * wrong, and the mean error if they are numbers.
 */
import type { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import type { CampaignEvaluation } from '@skerry/contract/campaigns/update'
import { elementsOf } from './choose.ts'

type Loss = CampaignSpec['training']['loss']

/** Whether an answer is a number, and never right or wrong. */
export const isOfNumbers = (loss: Loss): boolean => loss === 'mse' || loss === 'huber'

/** A better accuracy is larger, and a better error is smaller. */
export type Metric = { accuracy: number; error?: never } | { error: number; accuracy?: never }

/** Whether the figure is better than the other one, which has the same kind. */
export const isBetter = (one: Metric, other: Partial<Metric>): boolean =>
  one.error === undefined
    ? one.accuracy > (other.accuracy ?? -1)
    : one.error < (other.error ?? Number.POSITIVE_INFINITY)

/** The answers that can be right in one row: one for each target of a binary loss. */
export const answersOfRow = ({ data, training }: Pick<CampaignSpec, 'data' | 'training'>): number =>
  training.loss === 'binary' ? elementsOf(data.targets ?? []) : 1

/** `metric` is absent if an error is not finite. Then the loss is not known either. */
export type JoinedEvaluation = { rows: number; loss?: number; metric?: Metric }

/** Of several devices, weighted by their rows. Undefined if none has evaluated a row. */
export function joinEvaluations(
  spec: Pick<CampaignSpec, 'data' | 'training'>,
  evaluations: readonly CampaignEvaluation[],
): JoinedEvaluation | undefined {
  const answered = evaluations.filter((one) => one.rows > 0)
  const rows = answered.reduce((sum, one) => sum + one.rows, 0)
  if (rows === 0) return undefined
  const loss = answered.reduce((sum, one) => sum + one.lossSum, 0) / rows
  if (!isOfNumbers(spec.training.loss)) {
    const correct = answered.reduce((sum, one) => sum + one.correct, 0)
    return { rows, loss, metric: { accuracy: correct / (rows * answersOfRow(spec)) } }
  }
  // Weights whose answers overflow on one device must not look good because of the others.
  if (answered.some(({ errorSum }) => errorSum === undefined)) return { rows }
  const error = answered.reduce((sum, { errorSum = 0 }) => sum + errorSum, 0) / rows
  return { rows, loss, metric: { error } }
}

/** The figures of a round. */
export const evaluatedFigures = ({ rows, loss, metric }: JoinedEvaluation) => ({
  evaluatedRows: rows,
  ...(loss !== undefined && { loss }),
  ...metric,
})
