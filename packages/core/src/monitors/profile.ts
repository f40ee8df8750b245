/** Makes the reference profile of a version from rows of its inputs and outputs. */
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { FEATURES_MAX, type FeatureProfile } from '@skerry/contract/monitors/profile'
import { categoryEdgesOf, countsOf, edgesOf } from './bins.ts'

/** A column of a tensor, or all of a tensor. */
export type Feature = Pick<FeatureProfile, 'feature' | 'side' | 'tensor' | 'column' | 'isClass'>

/** Tensors with more columns are pictures, sounds or embeddings: no single column of them says anything. */
export const COLUMNS_MAX = 32

type Signature = { inputs: readonly TensorSpec[]; outputs: readonly TensorSpec[] }

/** Scores of more classes are embeddings. */
const CLASSES_MAX = 10_000

/** The features of a model, inputs first, and the number of those above the limit. */
export function featuresOf({ inputs, outputs }: Signature): { features: Feature[]; left: number } {
  const all = [
    ...inputs.flatMap((spec) => featuresOfTensor(spec, 'input')),
    ...outputs.flatMap((spec) => [...classOf(spec), ...featuresOfTensor(spec, 'output')]),
  ]
  const features = all.slice(0, FEATURES_MAX)
  return { features, left: all.length - features.length }
}

function featuresOfTensor({ name, shape }: TensorSpec, side: Feature['side']): Feature[] {
  const [, columns = 1] = shape
  if (shape.length !== 2 || columns < 2 || columns > COLUMNS_MAX) return [{ feature: name, side, tensor: name }]
  return Array.from({ length: columns }, (_, column) => ({
    feature: `${name}[${column}]`,
    side,
    tensor: name,
    column,
  }))
}

/** A classifier has a row of scores: the share of each class among its answers says most about it. */
function classOf({ name, datatype, shape }: TensorSpec): Feature[] {
  const [, columns = 1] = shape
  const isScores = datatype.startsWith('FP') && shape.length === 2 && columns >= 2 && columns <= CLASSES_MAX
  return isScores ? [{ feature: `class of ${name}`, side: 'output', tensor: name, isClass: true }] : []
}

/** The place of the largest value; the first of equal ones, and NaN if a value is NaN. */
export function largestOf(row: readonly number[]): number {
  let largest = 0
  for (const [at, value] of row.entries()) {
    if (Number.isNaN(value)) return Number.NaN
    if (value > (row[largest] ?? Number.NEGATIVE_INFINITY)) largest = at
  }
  return largest
}

/**
 * The profile of one feature. Whole numbers of few values are categories. The hashes of texts are categories too: if there
 * are many, a bin holds several of them.
 */
export function profileOf(feature: Feature, values: readonly number[], isText = false): FeatureProfile {
  const categories = categoryEdgesOf(values)
  const edges = categories ?? edgesOf(values)
  return { ...feature, form: isText || categories ? 'category' : 'number', edges, ...countsOf(edges, values) }
}
