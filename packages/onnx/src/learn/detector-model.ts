/**
 * Detector models: a window of tags goes in; a score and the share of each tag come out. A score of 1 is the threshold,
 * so that a flow needs no other number, and a later version brings its own.
 */
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { buildModel, float32Tensor, type NamedTensor, type NodePart } from '../build.ts'
import { writeModel } from '../write.ts'
import type { Pca } from './pca.ts'
import { FEATURES_OF_TAG, type Scaling } from './windows.ts'

export const WINDOW = 'window'
export const SCORE = 'score'
export const SHARE = 'share'

/** Of features: the values that a model computes with stay finite, however wrong a sensor is. */
const FEATURE_MOST = 1e6

/** The parts of a graph that turn the features into `raw`, the score before the threshold, and `parts` of the tags. */
export type DetectorHead = { nodes: NodePart[]; initialisers: NamedTensor[]; opsets?: Record<string, number> }

export type DetectorParts = {
  scaling: Scaling
  head: DetectorHead
  /** The raw score from which a window is an alarm. */
  threshold: number
  tags: readonly string[]
  kind: string
}

/** The bytes of the file. */
export function writeDetector({ scaling, head, threshold, tags, kind }: DetectorParts): Uint8Array<ArrayBuffer> {
  const { samples } = scaling
  const inputs: TensorSpec[] = [{ name: WINDOW, datatype: 'FP32', shape: [-1, samples, tags.length] }]
  const outputs: TensorSpec[] = [
    { name: SCORE, datatype: 'FP32', shape: [-1, 1] },
    { name: SHARE, datatype: 'FP32', shape: [-1, tags.length] },
  ]
  const model = buildModel({
    opsets: { 'ai.onnx': 18, ...head.opsets },
    inputs,
    outputs,
    nodes: [...featureNodes(), ...head.nodes, ...tailNodes()],
    initialisers: [
      ...featureConstants(scaling),
      ...head.initialisers,
      floats('per_threshold', [1], [1 / threshold]),
      floats('tiny', [1], [1e-12]),
    ],
    metadata: { 'skerry.detector': kind, 'skerry.tags': JSON.stringify(tags) },
  })
  return writeModel(model)
}

/** The distance of robust principal components of `input`, with the part of each tag. */
export function pcaHead({ width, mean, whitening, contributions }: Pca, input = 'features'): DetectorHead {
  return {
    nodes: [
      node('Sub', [input, 'pca_mean'], 'centred'),
      node('MatMul', ['centred', 'whitening'], 'whitened'),
      node('Mul', ['whitened', 'whitened'], 'whitened_squares'),
      sum('whitened_squares', 'columns', 'distance_square', 1),
      node('Sqrt', ['distance_square'], 'raw'),
      node('MatMul', ['centred', 'contributions'], 'contributed'),
      node('Mul', ['contributed', 'contributed'], 'by_feature'),
      ...partsNodes,
    ],
    initialisers: [
      floats('pca_mean', [width], mean),
      floats('whitening', [width, width], whitening),
      floats('contributions', [width, width], contributions),
    ],
  }
}

export const floats = (name: string, shape: readonly number[], values: ArrayLike<number>): NamedTensor =>
  float32Tensor(name, shape, Float32Array.from(values))

export const ints = (
  name: string,
  values: readonly number[],
  shape: readonly number[] = [values.length],
): NamedTensor => ({
  name,
  datatype: 'INT64',
  shape: [...shape],
  data: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
})

export const node = (operator: string, inputs: readonly string[], output: string): NodePart => ({
  operator,
  inputs,
  outputs: [output],
})

/** Over an axis, which an initialiser holds. */
export const sum = (input: string, axis: string, output: string, keepdims: 0 | 1): NodePart => ({
  ...node('ReduceSum', [input, axis], output),
  attributes: { keepdims: { int: keepdims } },
})

const mean = (input: string, output: string, keepdims: 0 | 1): NodePart => ({
  ...node('ReduceMean', [input, 'columns'], output),
  attributes: { keepdims: { int: keepdims } },
})

/** The same numbers as `featuresOf`. */
const featureNodes = (): NodePart[] => [
  node('Sub', [WINDOW, 'center'], 'moved'),
  node('Mul', ['moved', 'per_scale'], 'scaled'),
  { ...node('Gather', ['scaled', 'last_sample'], 'last'), attributes: { axis: { int: 1 } } },
  mean('scaled', 'mean', 0),
  mean('scaled', 'mean_row', 1),
  node('Sub', ['scaled', 'mean_row'], 'deviations'),
  node('Mul', ['deviations', 'deviations'], 'squares'),
  mean('squares', 'variance', 0),
  node('Add', ['variance', 'floor'], 'variance_floored'),
  node('Log', ['variance_floored'], 'log_variance'),
  node('Mul', ['log_variance', 'half'], 'log_spread'),
  { ...node('Concat', ['last', 'mean', 'log_spread'], 'plain_features'), attributes: { axis: { int: 1 } } },
  node('Sub', ['plain_features', 'feature_center'], 'features_moved'),
  node('Mul', ['features_moved', 'per_feature_scale'], 'features_wide'),
  node('Clip', ['features_wide', 'feature_least', 'feature_most'], 'features'),
]

function featureConstants({ samples, tags, ...of }: Scaling): NamedTensor[] {
  const width = tags * FEATURES_OF_TAG
  const inverse = (values: Float64Array) => values.map((value) => 1 / value)
  return [
    floats('center', [tags], of.center),
    floats('per_scale', [tags], inverse(of.scale)),
    floats('floor', [tags], of.floor),
    floats('half', [1], [0.5]),
    floats('feature_center', [width], of.featureCenter),
    floats('per_feature_scale', [width], inverse(of.featureScale)),
    floats('feature_least', [], [-FEATURE_MOST]),
    floats('feature_most', [], [FEATURE_MOST]),
    ints('last_sample', [samples - 1], []),
    ints('columns', [1]),
    ints('by_tag', [-1, FEATURES_OF_TAG, tags]),
  ]
}

/** `by_feature` has the part of each feature; a tag has the sum of its features. */
export const partsNodes: readonly NodePart[] = [
  node('Reshape', ['by_feature', 'by_tag'], 'features_of_tags'),
  sum('features_of_tags', 'columns', 'parts', 0),
]

const tailNodes = (): NodePart[] => [
  node('Mul', ['raw', 'per_threshold'], SCORE),
  sum('parts', 'columns', 'all_parts', 1),
  node('Add', ['all_parts', 'tiny'], 'all_parts_more'),
  node('Div', ['parts', 'all_parts_more'], SHARE),
]
