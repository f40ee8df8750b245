/** Makes the reference profile of a version from rows of its inputs and outputs. */
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { FEATURES_MAX, type FeatureProfile } from '@skerry/contract/monitors/profile'
import { countsOf, edgesOf } from './bins.ts'

/** A column of a tensor, or all of a tensor. */
export type Feature = Pick<FeatureProfile, 'feature' | 'side' | 'tensor' | 'column'>

/** Tensors with more columns are pictures, sounds or embeddings: no single column of them says anything. */
const COLUMNS_MAX = 32

type Signature = { inputs: readonly TensorSpec[]; outputs: readonly TensorSpec[] }

/** The features of a model, inputs first, and the number of those above the limit. Texts have none. */
export function featuresOf({ inputs, outputs }: Signature): { features: Feature[]; left: number } {
  const all = [
    ...inputs.flatMap((spec) => featuresOfTensor(spec, 'input')),
    ...outputs.flatMap((spec) => featuresOfTensor(spec, 'output')),
  ]
  const features = all.slice(0, FEATURES_MAX)
  return { features, left: all.length - features.length }
}

function featuresOfTensor({ name, datatype, shape }: TensorSpec, side: Feature['side']): Feature[] {
  if (datatype === 'BYTES') return []
  const [, columns = 1] = shape
  if (shape.length !== 2 || columns < 2 || columns > COLUMNS_MAX) return [{ feature: name, side, tensor: name }]
  return Array.from({ length: columns }, (_, column) => ({
    feature: `${name}[${column}]`,
    side,
    tensor: name,
    column,
  }))
}

/** The profile of one feature. */
export function profileOf(feature: Feature, values: readonly number[]): FeatureProfile {
  const edges = edgesOf(values)
  return { ...feature, edges, ...countsOf(edges, values) }
}
