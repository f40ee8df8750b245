/**
 * Auto-encoder: a small network that learns to repeat usual features through a bottleneck. A window that it repeats badly
 * is unusual. The trainer of training-model.ts makes its training model, and the runtime that serves trains it.
 */
import { buildModel, type NamedTensor, type NodePart } from '../build.ts'
import * as plan from '../train/plan.ts'
import { isTrainingRefusal, resultName, startName } from '../train/plan.ts'
import { trainingModel } from '../train/training-model.ts'
import { writeModel } from '../write.ts'
import { type DetectorHead, floats, node, partsNodes, sum } from './detector-model.ts'
import { chanceOf, deviationOf, normalOf, spreadOf } from './numbers.ts'
import type { RunModel } from './run-model.ts'

/** Rows of a step. */
const BATCH = 64

/** So often a row is read, within these bounds: a network of some thousand weights learns no more from more. */
const EPOCHS = 60
const STEPS_MIN = 300
const STEPS_MAX = 1_500

const stepsOf = (rows: number): number => Math.min(STEPS_MAX, Math.max(STEPS_MIN, Math.ceil((EPOCHS * rows) / BATCH)))

const LEARNING_RATE = 0.005

/** Of the training data: rare windows must not bend the network. */
const FEATURE_MOST = 8

/** Residuals that are smaller are noise of rounding. */
const RESIDUAL_LEAST = 0.02

type Layer = { weight: string; bias: string; from: number; to: number }

/** From the features over the bottleneck back to the features. */
function layersOf(width: number): Layer[] {
  const sizes = [width, 2 * width, Math.max(1, Math.ceil(width / 3)), 2 * width, width]
  return sizes
    .slice(1)
    .map((to, at) => ({ weight: `encoder_w${at}`, bias: `encoder_b${at}`, from: sizes[at] ?? 0, to }))
}

type Weights = ReadonlyMap<string, Float32Array>

/** Glorot and Bengio 2010. */
function firstWeights(layers: readonly Layer[], seed: number): Weights {
  const chance = chanceOf(seed)
  return new Map(
    layers.flatMap(({ weight, bias, from, to }) => [
      [weight, Float32Array.from({ length: from * to }, () => normalOf(chance) * Math.sqrt(2 / (from + to)))] as const,
      [bias, new Float32Array(to)] as const,
    ]),
  )
}

const tensorsOf = (layers: readonly Layer[], weights: Weights): NamedTensor[] =>
  layers.flatMap(({ weight, bias, from, to }) => [
    floats(weight, [from, to], weights.get(weight) ?? []),
    floats(bias, [to], weights.get(bias) ?? []),
  ])

function layerNodes(layers: readonly Layer[], input: string, output: string): NodePart[] {
  const last = layers.length - 1
  return layers.flatMap(({ weight, bias }, at) => [
    node('Gemm', [at === 0 ? input : `layer_${at - 1}`, weight, bias], at === last ? output : `line_${at}`),
    ...(at === last ? [] : [node('Tanh', [`line_${at}`], `layer_${at}`)]),
  ])
}

const networkOf = (layers: readonly Layer[], weights: Weights, width: number): Uint8Array =>
  writeModel(
    buildModel({
      inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, width] }],
      outputs: [{ name: 'repeated', datatype: 'FP32', shape: [-1, width] }],
      nodes: layerNodes(layers, 'features', 'repeated'),
      initialisers: tensorsOf(layers, weights),
    }),
  )

/** `features`: rows of the width. */
export async function autoEncoderHead(
  features: Float64Array,
  width: number,
  { seed, run }: { seed: number; run: RunModel },
): Promise<DetectorHead> {
  const rows = features.length / width
  const data = Float32Array.from(features, (value) => Math.max(-FEATURE_MOST, Math.min(FEATURE_MOST, value)))
  const layers = layersOf(width)
  const weights = await train({ layers, data, rows, width, seed, run })
  const network = networkOf(layers, weights, width)
  const { repeated = data } = await run(network, { features: { type: 'float32', data, dims: [rows, width] } })
  const scales = Float64Array.from({ length: width }, (_, feature) => {
    const residuals = Float64Array.from(
      { length: rows },
      (_, row) => (data[row * width + feature] ?? 0) - (repeated[row * width + feature] ?? 0),
    )
    const robust = spreadOf(residuals)
    return Math.max(RESIDUAL_LEAST, robust, 0.5 * deviationOf(residuals))
  })
  return {
    nodes: [
      ...layerNodes(layers, 'features', 'repeated'),
      node('Sub', ['features', 'repeated'], 'residuals'),
      node('Mul', ['residuals', 'per_residual'], 'residuals_scaled'),
      node('Mul', ['residuals_scaled', 'residuals_scaled'], 'by_feature'),
      sum('by_feature', 'columns', 'residual_sum', 1),
      node('Mul', ['residual_sum', 'per_width'], 'residual_mean'),
      node('Sqrt', ['residual_mean'], 'raw'),
      ...partsNodes,
    ],
    initialisers: [
      ...tensorsOf(layers, weights),
      floats(
        'per_residual',
        [width],
        scales.map((scale) => 1 / scale),
      ),
      floats('per_width', [1], [1 / width]),
    ],
  }
}

type Training = {
  layers: readonly Layer[]
  data: Float32Array
  rows: number
  width: number
  seed: number
  run: RunModel
}

async function train({ layers, data, rows, width, seed, run }: Training): Promise<Weights> {
  const first = firstWeights(layers, seed)
  const made = trainingModel(networkOf(layers, first, width), {
    loss: 'mse',
    optimiser: { name: 'adam' },
    input: { dataType: 'float32' },
    batchSize: BATCH,
  })
  if (isTrainingRefusal(made)) throw new Error(`the auto-encoder cannot be trained: ${made.message}`)
  const chance = chanceOf(seed + 7)
  const steps = stepsOf(rows)
  const order = BigInt64Array.from({ length: steps * BATCH }, () => BigInt(Math.floor(chance() * rows)))
  const table = { type: 'float32', data, dims: [rows, width] } as const
  const starts = made.parameters.map(({ name, shape }) => [
    startName(name),
    { type: 'float32' as const, data: first.get(name) ?? new Float32Array(0), dims: shape },
  ])
  const trained = await run(made.bytes, {
    ...Object.fromEntries(starts),
    [plan.DATA]: table,
    [plan.LABELS]: table,
    [plan.ROWS]: { type: 'int64', data: order, dims: [steps, BATCH] },
    [plan.LEARNING_RATE]: { type: 'float32', data: Float32Array.of(LEARNING_RATE), dims: [] },
  })
  return new Map(made.parameters.map(({ name }) => [name, trained[resultName(name)] ?? new Float32Array(0)]))
}
