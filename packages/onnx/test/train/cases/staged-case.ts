/** The model, the weights and the data of a case, and its plan. */
import { buildModel, float32Tensor, type NamedTensor, type NodePart } from '../../../src/build.ts'
import type { TrainingPlan } from '../../../src/train/plan.ts'
import { writeModel } from '../../../src/write.ts'
import { count } from '../doubles/double.ts'
import { randomOf } from '../train-stage.ts'
import { elementCases } from './element-cases.ts'
import { layerCases } from './layer-cases.ts'
import { layoutCases } from './layout-cases.ts'
import type { RuleCase } from './rule-case.ts'

export const ruleCases: readonly RuleCase[] = [...elementCases, ...layerCases, ...layoutCases]

export type Staged = {
  bytes: Uint8Array<ArrayBuffer>
  nodes: NodePart[]
  weights: Map<string, { shape: readonly number[]; values: Float32Array }>
  x: Float32Array
  target: Float32Array
}

/** One step with the learning rate 1 changes each weight by its gradient. */
export const planOf = (each: RuleCase): TrainingPlan => ({
  loss: 'mse',
  optimiser: { name: 'sgd' },
  input: { dataType: 'float32' },
  // Running statistics are parameters of a batch normalisation in training.
  frozen: each.isBatch ? [] : Object.keys(each.floats ?? {}),
  batchSize: each.input[0] ?? 1,
  fuse: false,
  ...(each.isBatch && { batchNormalization: 'training' }),
})

const numbers = (shape: readonly number[], random: () => number, [low, high]: readonly [number, number] = [-1, 1]) =>
  Float32Array.from({ length: count(shape) }, () => low + random() * (high - low))

const int64s = (name: string, values: readonly number[]): NamedTensor => ({
  name,
  datatype: 'INT64',
  shape: [values.length],
  data: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
})

/** The graph of a case behind a shift of the input, whose gradient so is that of the input. */
export function staged(each: RuleCase): Staged {
  const random = randomOf(11)
  const weights = new Map(
    Object.entries(each.weights ?? {}).map(([name, shape]) => [
      name,
      { shape, values: numbers(shape, random, each.between) },
    ]),
  )
  if (!each.idsBelow) weights.set('shift', { shape: each.input, values: numbers(each.input, random, [-0.1, 0.1]) })
  const shifting: NodePart[] = each.idsBelow ? [] : [{ operator: 'Add', inputs: ['x', 'shift'], outputs: ['h'] }]
  const [rows = 1] = each.input
  const nodes = [...shifting, ...each.nodes, { operator: 'Reshape', inputs: ['y', 'flat'], outputs: ['out'] }]
  const floats = Object.entries(each.floats ?? {})
  const model = buildModel({
    nodes,
    initialisers: [
      ...[...weights].map(([name, { shape, values }]) => float32Tensor(name, shape, values)),
      ...Object.entries({ ...each.ints, flat: [rows, -1] }).map(([name, values]) => int64s(name, values)),
      ...floats.map(([name, { shape, values }]) => float32Tensor(name, shape, Float32Array.from(values))),
    ],
    inputs: [{ name: 'x', datatype: each.idsBelow ? 'INT64' : 'FP32', shape: [-1, ...each.input.slice(1)] }],
    outputs: [{ name: 'out', datatype: 'FP32', shape: [rows, count(each.output) / rows] }],
    opsets: { 'ai.onnx': each.opset ?? 17 },
    irVersion: 10,
  })
  const { idsBelow } = each
  const x = idsBelow
    ? Float32Array.from({ length: count(each.input) }, () => Math.floor(random() * idsBelow))
    : numbers(each.input, random, each.between)
  return { bytes: writeModel(model), nodes, weights, x, target: numbers(each.output, random) }
}
