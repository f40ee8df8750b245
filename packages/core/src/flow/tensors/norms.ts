/** Norms: the mean and spread that a model was trained with, as its own metadata says them. */
import type { ModelSummary } from '@skerry/contract/models/model-summary'

/** Of each column, or of all. */
export type Norms = { mean: readonly number[]; std: readonly number[] }

/** JSON arrays under `skerry.mean` and `skerry.std`; undefined where the model does not say, or says something else. */
export function normsOf(metadata: ModelSummary['metadata']): Norms | undefined {
  const read = (key: string) => numbersIn(metadata.find((entry) => entry.key === key)?.value ?? '')
  const mean = read('skerry.mean')
  const std = read('skerry.std')
  return mean && std?.every((spread) => spread > 0) ? { mean, std } : undefined
}

function numbersIn(text: string): number[] | undefined {
  if (!/^\[[-+.\deE,\s]+\]$/.test(text)) return undefined
  const numbers = text
    .slice(1, -1)
    .split(',')
    .map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  return numbers.every(Number.isFinite) ? numbers : undefined
}
