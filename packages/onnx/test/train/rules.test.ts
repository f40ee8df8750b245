/** Every rule against finite differences in float64: the runtime's float32 gradients agree to 1e-6. */
import { describe, expect, test } from 'vitest'
import { buildModel, float32Tensor, type NamedTensor, type NodePart } from '../../src/build.ts'
import { readParameters } from '../../src/train/parameters.ts'
import type { TrainingPlan } from '../../src/train/plan.ts'
import { rules } from '../../src/train/rules/rules.ts'
import { writeModel } from '../../src/write.ts'
import { elementCases } from './cases/element-cases.ts'
import { layerCases } from './cases/layer-cases.ts'
import { layoutCases } from './cases/layout-cases.ts'
import type { RuleCase } from './cases/rule-case.ts'
import { count, type Double } from './doubles/double.ts'
import { interpret } from './doubles/interpreter.ts'
import { float32, maxDifference, randomOf, sessionOf, trainable, trainLocally } from './train-stage.ts'

const cases: readonly RuleCase[] = [...elementCases, ...layerCases, ...layoutCases]

const numbers = (shape: readonly number[], random: () => number, [low, high]: readonly [number, number] = [-1, 1]) =>
  Float32Array.from({ length: count(shape) }, () => low + random() * (high - low))

const int64s = (name: string, values: readonly number[]): NamedTensor => ({
  name,
  datatype: 'INT64',
  shape: [values.length],
  data: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
})

/** The graph of a case behind a shift of the input, whose gradient so is that of the input. */
function staged(each: RuleCase) {
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

const asDouble = (shape: readonly number[], values: ArrayLike<number>): Double => ({
  shape,
  data: Float64Array.from(values),
})

/** Small enough that the third derivative is lost, large enough that rounding is. */
const STEP = 1e-5

function finiteDifferences(each: RuleCase, { nodes, weights, x, target }: ReturnType<typeof staged>) {
  const given = new Map<string, Double>([['x', asDouble(each.input, x)]])
  for (const [name, values] of Object.entries({ ...each.ints, flat: [each.input[0] ?? 1, -1] }))
    given.set(name, asDouble([values.length], values))
  for (const [name, { shape, values }] of Object.entries(each.floats ?? {}))
    given.set(name, asDouble(shape, Float32Array.from(values)))
  for (const [name, { shape, values }] of weights) given.set(name, asDouble(shape, values))
  const loss = () => {
    const y = interpret(nodes, given, each.isBatch).get('y')
    if (!y) throw new Error('the case has no y')
    expect(y.shape).toEqual(each.output)
    return y.data.reduce((sum, value, index) => sum + (value - (target[index] ?? 0)) ** 2, 0) / y.data.length
  }
  const gradients = [...weights.keys()].map((name) => {
    const values = given.get(name)?.data ?? new Float64Array()
    const gradient = values.map((value, index) => {
      values[index] = value + STEP
      const above = loss()
      values[index] = value - STEP
      const below = loss()
      values[index] = value
      return (above - below) / (2 * STEP)
    })
    return [name, gradient] as const
  })
  return { loss: loss(), gradients: new Map(gradients) }
}

async function gradientsOf(each: RuleCase, { bytes, x, target }: ReturnType<typeof staged>) {
  const [rows = 1] = each.input
  const plan: TrainingPlan = {
    loss: 'mse',
    optimiser: { name: 'sgd' },
    input: { dataType: 'float32' },
    frozen: Object.keys(each.floats ?? {}).filter((name) => !each.isBatch || name === 'unused'),
    batchSize: rows,
    fuse: false,
    ...(each.isBatch && { batchNormalization: 'training' }),
  }
  const model = trainable(bytes, plan)
  const start = readParameters(
    bytes,
    model.parameters.map(({ name }) => name),
  )
  const session = await sessionOf(model.bytes)
  const order = Array.from({ length: plan.batchSize }, (_, row) => row)
  const run = {
    data: float32([...each.input], x),
    labels: float32([rows, target.length / rows], target),
    rows: order,
    lr: 1,
  }
  const { weights, losses } = await trainLocally(session, model, start, run, plan.batchSize)
  await session.end()
  const gradients = [...weights].map(
    ([name, values]) =>
      [name, Float64Array.from(values, (value, index) => (start.get(name)?.[index] ?? 0) - value)] as const,
  )
  return { loss: losses[0] ?? Number.NaN, gradients: new Map(gradients), parameters: model.parameters }
}

describe('the gradient of', () => {
  test.each(cases)('$name is that of finite differences', async (each) => {
    const stage = staged(each)
    const wanted = finiteDifferences(each, stage)
    const found = await gradientsOf(each, stage)
    expect(Math.abs(found.loss - wanted.loss)).toBeLessThan(1e-6 * Math.max(1, wanted.loss))
    for (const [name, gradient] of wanted.gradients) {
      const scale = Math.max(1, ...gradient.map(Math.abs))
      expect(Math.max(...gradient.map(Math.abs)), `${name} has no gradient`).toBeGreaterThan(0)
      expect(maxDifference(found.gradients.get(name) ?? [], gradient) / scale, name).toBeLessThan(1e-6)
    }
  })

  test('each rule has a case', () => {
    const tested = new Set(cases.flatMap(({ nodes }) => nodes.map(({ operator }) => operator)))
    const differentiable = [...rules.values()].filter(({ gradient, lower }) => gradient ?? lower)
    expect(differentiable.map(({ operator }) => operator).filter((operator) => !tested.has(operator))).toEqual([])
  })
})
