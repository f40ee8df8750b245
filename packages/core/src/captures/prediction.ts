/** Prediction: the answer of a model for one row, in one word, and how sure the model is. */
import type { CaptureTask } from '@skerry/contract/captures/capture'

/** The values that an output has for one row. `class`: whole numbers or texts, which name a class. */
export type RowOutput = { name: string } & (
  | { kind: 'score'; values: readonly number[] }
  | { kind: 'class'; values: readonly string[] }
)

export type Prediction = { predicted?: string; confidence?: number }

/** [contract, LabelValue] */
const PREDICTED_MAX = 200

/** Single precision has seven digits. */
const DIGITS = 7

type Question = { task: CaptureTask; output?: string | undefined }

/**
 * classification: an output with one class for each row names it; else it is the place of the highest score, or 0 and 1
 * for a single score. The confidence is the highest score. Scores outside of 0 to 1 are logits. regression: the number.
 */
export function predictionOf(outputs: readonly RowOutput[], { task, output }: Question): Prediction {
  const scores = scoresOf(outputs, output)
  if (task === 'regression') {
    const [value] = scores ?? []
    return value === undefined || !Number.isFinite(value) ? {} : { predicted: numberText(value) }
  }
  const named = outputs.find(({ kind, values }) => kind === 'class' && values.length === 1)
  const shares = scores && sharesOf(scores)
  const confidence = shares && Math.max(...shares)
  const predicted = named ? String(named.values[0]) : shares && String(shares.indexOf(Math.max(...shares)))
  const text = predicted?.trim().slice(0, PREDICTED_MAX)
  return {
    ...(text !== undefined && text !== '' && { predicted: text }),
    ...(confidence !== undefined && { confidence }),
  }
}

function scoresOf(outputs: readonly RowOutput[], output: string | undefined): readonly number[] | undefined {
  const found = outputs.find(({ name, kind }) => kind === 'score' && (output === undefined || name === output))
  return found?.kind === 'score' ? found.values : undefined
}

/** A single score is that of the class 1. Undefined with NaN. */
function sharesOf(scores: readonly number[]): number[] | undefined {
  if (scores.length === 0 || !scores.every(Number.isFinite)) return undefined
  const [first = 0] = scores
  const isShare = scores.every((score) => score >= 0 && score <= 1)
  if (scores.length === 1) {
    const share = isShare ? first : 1 / (1 + Math.exp(-first))
    return [1 - share, share]
  }
  if (isShare) return [...scores]
  const top = Math.max(...scores)
  const powers = scores.map((score) => Math.exp(score - top))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}

/** As short as single precision allows. */
export const numberText = (value: number): string => String(Number(value.toPrecision(DIGITS)))
