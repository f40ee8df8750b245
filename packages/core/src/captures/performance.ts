/** Performance: how good answers were, from counts of pairs of prediction and label, or from sums of errors. */
import { CLASSES_SHOWN, type ClassPerformance, type PerformanceFigures } from '@skerry/contract/captures/performance'

/** How often a prediction met a label. */
export type Pair = { predicted: string; label: string; rows: number }

/** The classes with the most labels first. */
export function classificationOf(pairs: readonly Pair[]): PerformanceFigures {
  const labels = sum(pairs)
  const right = sum(pairs.filter(isRight))
  const found = new Map<string, { right: number; predicted: number; labels: number }>()
  const at = (name: string) => {
    const known = found.get(name) ?? { right: 0, predicted: 0, labels: 0 }
    found.set(name, known)
    return known
  }
  for (const pair of pairs) {
    at(pair.predicted).predicted += pair.rows
    at(pair.label).labels += pair.rows
    if (isRight(pair)) at(pair.label).right += pair.rows
  }
  const classes = [...found]
    .map(([name, counts]) => classOf(name, counts))
    .toSorted((a, b) => b.labels - a.labels || (a.class < b.class ? -1 : 1))
    .slice(0, CLASSES_SHOWN)
  return { labels, ...(labels > 0 && { accuracy: right / labels }), classes }
}

const isRight = ({ predicted, label }: Pair) => predicted === label

const sum = (pairs: readonly Pair[]) => pairs.reduce((total, { rows }) => total + rows, 0)

function classOf(
  name: string,
  { right, predicted, labels }: { right: number; predicted: number; labels: number },
): ClassPerformance {
  // [scikit-learn, f1_score] 2 TP / (2 TP + FP + FN), which is defined as soon as the class occurs at all.
  const both = predicted + labels
  return {
    class: name,
    labels,
    precision: predicted === 0 ? null : right / predicted,
    recall: labels === 0 ? null : right / labels,
    f1: both === 0 ? null : (2 * right) / both,
  }
}

/** Sums over rows with a number as prediction and label. */
export type ErrorSums = { rows: number; absolute: number; squared: number }

export const regressionOf = ({ rows, absolute, squared }: ErrorSums): PerformanceFigures => ({
  labels: rows,
  ...(rows > 0 && { mae: absolute / rows, rmse: Math.sqrt(squared / rows) }),
})

/** The distance of a number from its label; undefined unless both are numbers. */
export function errorOf(predicted: string, label: string): number | undefined {
  const error = numberIn(predicted) - numberIn(label)
  return Number.isFinite(error) ? error : undefined
}

/** The number that a label states; NaN if it states none. An empty text is no number. */
export const numberIn = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text))

/** Tables of numbers write the class 1 as 1.0. */
export const classText = (text: string): string => text.trim().replace(/^(-?\d+)\.0+$/, '$1')
