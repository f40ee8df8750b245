/** Losses, optimisers and bounds of a plan, against formulas in float64. */
import { describe, expect, test } from 'vitest'
import { buildModel, float32Tensor, type ModelParts } from '../../src/build.ts'
import { evaluationModel } from '../../src/train/evaluation-model.ts'
import { readParameters } from '../../src/train/parameters.ts'
import { isTrainingRefusal, startName, type TrainingLoss, type TrainingPlan } from '../../src/train/plan.ts'
import { writeModel } from '../../src/write.ts'
import {
  float32,
  int64,
  maxDifference,
  randomOf,
  scalar,
  sessionOf,
  trainable,
  trainLocally,
  type Values,
} from './train-stage.ts'

const [B, IN, OUT, STEPS] = [4, 3, 2, 5]
const random = randomOf(5)
const numbers = (length: number, scale = 1) => Float32Array.from({ length }, () => (random() * 2 - 1) * scale)
const w = numbers(IN * OUT)
const b = numbers(OUT)
const rows = B * STEPS
const x = numbers(rows * IN)
const targets = numbers(rows * OUT, 3)
const classes = Array.from({ length: rows }, () => Math.floor(random() * OUT))
const bits = Array.from({ length: rows * OUT }, () => Math.round(random()))

/** y = x w + b, and what `more` puts behind it. */
function linear(more: Partial<ModelParts> = {}): Uint8Array<ArrayBuffer> {
  return writeModel(
    buildModel({
      nodes: [{ operator: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['y'] }],
      initialisers: [float32Tensor('w', [IN, OUT], w), float32Tensor('b', [OUT], b)],
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, IN] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, OUT] }],
      ...more,
    }),
  )
}

const base: TrainingPlan = { loss: 'mse', optimiser: { name: 'sgd' }, input: { dataType: 'float32' }, batchSize: B }

const labelsOf = (loss: TrainingLoss): Values => {
  if (loss === 'cross-entropy') return int64([rows], classes)
  return float32([rows, OUT], loss === 'binary' ? bits : targets)
}

async function trained(plan: TrainingPlan, more: Record<string, Values> = {}, bytes = linear()) {
  const model = trainable(bytes, plan)
  const start = readParameters(
    bytes,
    model.parameters.map(({ name }) => name),
  )
  const session = await sessionOf(model.bytes)
  const order = Array.from({ length: rows }, (_, row) => row)
  const run = { data: float32([rows, IN], x), labels: labelsOf(plan.loss), rows: order, lr: 0.1, more }
  const result = await trainLocally(session, model, start, run, B)
  await session.end()
  return { ...result, model, start }
}

/** The loss of one row and its slope for each output, by the definition of the loss. */
function definition(loss: TrainingLoss, y: readonly number[], row: number): { value: number; slopes: number[] } {
  const target = (index: number) => targets[row * OUT + index] ?? 0
  const exponents = y.map(Math.exp)
  const sum = exponents.reduce((all, each) => all + each, 0)
  if (loss === 'cross-entropy') {
    const label = classes[row] ?? 0
    const slopes = exponents.map((each, index) => each / sum - Number(index === label))
    return { value: Math.log(sum) - (y[label] ?? 0), slopes }
  }
  const parts = y.map((value, index) => {
    const difference = value - target(index)
    if (loss === 'mse') return { value: difference ** 2, slope: 2 * difference }
    if (loss === 'huber') {
      const isSmall = Math.abs(difference) <= 1
      return {
        value: isSmall ? difference ** 2 / 2 : Math.abs(difference) - 0.5,
        slope: isSmall ? difference : Math.sign(difference),
      }
    }
    const bit = bits[row * OUT + index] ?? 0
    return { value: Math.log1p(Math.exp(value)) - value * bit, slope: 1 / (1 + Math.exp(-value)) - bit }
  })
  return {
    value: parts.reduce((all, part) => all + part.value, 0) / OUT,
    slopes: parts.map(({ slope }) => slope / OUT),
  }
}

/** The mean distance of all answers from their targets. */
const meanDistance = (answers: readonly (readonly number[])[]) =>
  answers
    .flatMap((y, row) => y.map((value, at) => Math.abs(value - (targets[row * OUT + at] ?? 0))))
    .reduce((a, b) => a + b, 0) /
  (rows * OUT)

type State = { w: Float64Array; b: Float64Array }
type Update = (gradient: State, state: State, step: number) => void

/** All steps in float64; `update` changes the state. */
function exact(loss: TrainingLoss, update: Update) {
  const state: State = { w: Float64Array.from(w), b: Float64Array.from(b) }
  const losses: number[] = []
  for (let step = 0; step < STEPS; step++) {
    const gradient: State = { w: new Float64Array(w.length), b: new Float64Array(b.length) }
    let mean = 0
    for (let row = step * B; row < (step + 1) * B; row++) {
      const inputs = [...x.subarray(row * IN, (row + 1) * IN)]
      const y = Array.from(state.b, (bias, out) =>
        inputs.reduce((sum, value, at) => sum + value * (state.w[at * OUT + out] ?? 0), bias),
      )
      const { value, slopes } = definition(loss, y, row)
      mean += value / B
      for (const [out, slope] of slopes.entries()) {
        gradient.b[out] = (gradient.b[out] ?? 0) + slope / B
        for (const [at, each] of inputs.entries())
          gradient.w[at * OUT + out] = (gradient.w[at * OUT + out] ?? 0) + (each * slope) / B
      }
    }
    losses.push(mean)
    update(gradient, state, step)
  }
  return { state, losses }
}

const LR = Math.fround(0.1)
const both = ['w', 'b'] as const
const descend = (state: State, key: 'w' | 'b', direction: (index: number) => number) => {
  for (const [index, value] of state[key].entries()) state[key][index] = value - LR * direction(index)
}
const sgd: Update = (gradient, state) => {
  for (const key of both) descend(state, key, (index) => gradient[key][index] ?? 0)
}
const zeros = (): State => ({ w: new Float64Array(w.length), b: new Float64Array(b.length) })

function momentum(factor: number): Update {
  const velocity = zeros()
  return (gradient, state) => {
    for (const key of both)
      descend(state, key, (index) => {
        const next = factor * (velocity[key][index] ?? 0) + (gradient[key][index] ?? 0)
        velocity[key][index] = next
        return next
      })
  }
}

function adam(): Update {
  const [means, squares] = [zeros(), zeros()]
  return (gradient, state, step) => {
    for (const key of both)
      descend(state, key, (index) => {
        const slope = gradient[key][index] ?? 0
        const mean = 0.9 * (means[key][index] ?? 0) + 0.1 * slope
        const square = 0.999 * (squares[key][index] ?? 0) + 0.001 * slope ** 2
        means[key][index] = mean
        squares[key][index] = square
        return mean / (1 - 0.9 ** (step + 1)) / (Math.sqrt(square / (1 - 0.999 ** (step + 1))) + 1e-8)
      })
  }
}

const clipped =
  (clip: number): Update =>
  (gradient, state, step) => {
    const all = both.flatMap((key) => [...gradient[key]])
    const factor = Math.min(1, clip / (Math.hypot(...all) + 1e-6))
    sgd({ w: gradient.w.map((each) => each * factor), b: gradient.b.map((each) => each * factor) }, state, step)
  }

const proximal =
  (mu: number): Update =>
  (gradient, state, step) => {
    const pulled = (key: 'w' | 'b', start: Float32Array) =>
      gradient[key].map((each, index) => each + mu * ((state[key][index] ?? 0) - (start[index] ?? 0)))
    sgd({ w: pulled('w', w), b: pulled('b', b) }, state, step)
  }

const control = { w: numbers(w.length), b: numbers(b.length) }
const controlled: Update = (gradient, state, step) =>
  sgd(
    {
      w: gradient.w.map((each, index) => each + (control.w[index] ?? 0)),
      b: gradient.b.map((each, index) => each + (control.b[index] ?? 0)),
    },
    state,
    step,
  )

type PlanCase = { name: string; plan: Partial<TrainingPlan>; update: () => Update; more?: Record<string, Values> }

const cases: readonly PlanCase[] = [
  ...(['cross-entropy', 'binary', 'mse', 'huber'] as const).flatMap((loss) =>
    [true, false].map((fuse) => ({
      name: `${loss}, ${fuse ? 'fused' : 'plain'}`,
      plan: { loss, fuse },
      update: () => sgd,
    })),
  ),
  { name: 'momentum', plan: { optimiser: { name: 'sgd', momentum: 0.9 } }, update: () => momentum(0.9) },
  { name: 'Adam', plan: { loss: 'cross-entropy', optimiser: { name: 'adam' } }, update: adam },
  { name: 'a bound of the norm', plan: { clipNorm: true }, update: () => clipped(0.5), more: { clip: scalar(0.5) } },
  {
    name: 'a bound that is not met',
    plan: { clipNorm: true },
    update: () => clipped(100),
    more: { clip: scalar(100) },
  },
  { name: 'FedProx', plan: { proximal: true }, update: () => proximal(0.5), more: { mu: scalar(0.5) } },
  {
    name: 'SCAFFOLD',
    plan: { control: true },
    update: () => controlled,
    more: { 'c/w': float32([IN, OUT], control.w), 'c/b': float32([OUT], control.b) },
  },
]

describe('a training model computes', () => {
  test.each(cases)('$name', async ({ plan, update, more = {} }) => {
    const whole = { ...base, ...plan }
    const found = await trained(whole, more)
    const wanted = exact(whole.loss, update())
    expect(maxDifference(found.losses, wanted.losses)).toBeLessThan(3e-6)
    for (const key of both) {
      expect(maxDifference(found.weights.get(key) ?? [], wanted.state[key]), key).toBeLessThan(2e-6)
      expect(maxDifference(found.start.get(key) ?? [], wanted.state[key]), key).toBeGreaterThan(0.01)
    }
  })
})

test('a frozen weight is no parameter, and the others train as before', async () => {
  const found = await trained({ ...base, frozen: ['w'] })
  const wanted = exact('mse', (gradient, state) => descend(state, 'b', (index) => gradient.b[index] ?? 0))
  expect(found.model.parameters).toEqual([{ name: 'b', shape: [OUT], elements: OUT, isStatistic: false }])
  expect(maxDifference(found.weights.get('b') ?? [], wanted.state.b)).toBeLessThan(1e-6)
})

test('a Softmax behind the logits is stepped over, also that of an old operator set', async () => {
  const plan: TrainingPlan = { ...base, loss: 'cross-entropy' }
  const wanted = await trained(plan)
  for (const opset of [11, 13, 18]) {
    const bytes = linear({
      nodes: [
        { operator: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['logits'] },
        { operator: 'Softmax', inputs: ['logits'], outputs: ['y'], attributes: { axis: { int: 1 } } },
      ],
      opsets: { 'ai.onnx': opset },
    })
    const found = await trained(plan, {}, bytes)
    expect(found.weights).toEqual(wanted.weights)
  }
})

test('the input is scaled and moved', async () => {
  const found = await trained({ ...base, input: { dataType: 'float32', scale: 0.5, offset: 0.25 } })
  const moved = await trained(base, {}, scaledModel())
  for (const key of both)
    expect(maxDifference(found.weights.get(key) ?? [], moved.weights.get(key) ?? [])).toBeLessThan(1e-6)

  function scaledModel() {
    const scalars = [
      ['half', 0.5],
      ['quarter', 0.25],
    ] as const
    return linear({
      nodes: [
        { operator: 'Mul', inputs: ['x', 'half'], outputs: ['scaled'] },
        { operator: 'Add', inputs: ['scaled', 'quarter'], outputs: ['moved'] },
        { operator: 'Gemm', inputs: ['moved', 'w', 'b'], outputs: ['y'] },
      ],
      initialisers: [
        ...scalars.map(([name, value]) => float32Tensor(name, [], Float32Array.of(value))),
        float32Tensor('w', [IN, OUT], w),
        float32Tensor('b', [OUT], b),
      ],
    })
  }
})

test('running statistics follow the batches, and are parameters without a gradient', async () => {
  const statistics = { mean: Float32Array.of(0.5, -0.5), variance: Float32Array.of(2, 3) }
  const bytes = linear({
    nodes: [
      { operator: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['h'] },
      {
        operator: 'BatchNormalization',
        inputs: ['h', 'scale', 'bias', 'mean', 'variance'],
        outputs: ['y'],
        attributes: { momentum: { float: 0.75 } },
      },
    ],
    initialisers: [
      float32Tensor('w', [IN, OUT], w),
      float32Tensor('b', [OUT], b),
      float32Tensor('scale', [OUT], Float32Array.of(1, 1)),
      float32Tensor('bias', [OUT], new Float32Array(OUT)),
      float32Tensor('mean', [OUT], statistics.mean),
      float32Tensor('variance', [OUT], statistics.variance),
    ],
  })
  const found = await trained({ ...base, batchNormalization: 'training', frozen: ['w', 'b'] }, {}, bytes)
  expect(found.model.parameters.map(({ name, isStatistic }) => [name, isStatistic])).toEqual([
    ['scale', false],
    ['bias', false],
    ['mean', true],
    ['variance', true],
  ])
  const [mean, variance] = [Float64Array.from(statistics.mean), Float64Array.from(statistics.variance)]
  for (let step = 0; step < STEPS; step++)
    for (let out = 0; out < OUT; out++) {
      const values = Array.from({ length: B }, (_, row) =>
        [0, 1, 2].reduce(
          (sum, at) => sum + (x[(step * B + row) * IN + at] ?? 0) * (w[at * OUT + out] ?? 0),
          b[out] ?? 0,
        ),
      )
      const own = values.reduce((all, each) => all + each, 0) / B
      const spread = values.reduce((all, each) => all + (each - own) ** 2, 0) / B
      mean[out] = 0.75 * (mean[out] ?? 0) + 0.25 * own
      variance[out] = 0.75 * (variance[out] ?? 0) + 0.25 * spread
    }
  expect(maxDifference(found.weights.get('mean') ?? [], mean)).toBeLessThan(1e-6)
  expect(maxDifference(found.weights.get('variance') ?? [], variance)).toBeLessThan(1e-6)
  const still = await trained({ ...base, frozen: ['w', 'b'] }, {}, bytes)
  expect(still.model.parameters.map(({ name }) => name)).toEqual(['scale', 'bias'])
})

test.each(['cross-entropy', 'binary', 'mse', 'huber'] as const)(
  'an evaluation model has the mean of %s over all rows',
  async (loss) => {
    const bytes = linear()
    const model = evaluationModel(bytes, { ...base, loss })
    if (isTrainingRefusal(model)) throw new Error(model.message)
    const session = await sessionOf(model.bytes)
    const starts = model.parameters.map(({ name, shape }) => [startName(name), float32(shape, name === 'w' ? w : b)])
    const out = await session.run({
      ...Object.fromEntries(starts),
      data: float32([rows, IN], x),
      labels: labelsOf(loss),
    })
    await session.end()
    const answers = Array.from({ length: rows }, (_, row) =>
      Array.from(b, (bias, output) =>
        [0, 1, 2].reduce((sum, at) => sum + (x[row * IN + at] ?? 0) * (w[at * OUT + output] ?? 0), bias),
      ),
    )
    const mean = answers.reduce((sum, y, row) => sum + definition(loss, y, row).value, 0) / rows
    expect(Math.abs(Number(out.loss?.data[0]) - mean)).toBeLessThan(1e-6)
    const met = answers.reduce((all, [first = 0, second = 0], row) => {
      if (loss === 'cross-entropy') return all + Number(Number(second > first) === classes[row])
      return all + Number(first > 0 === (bits[row * OUT] === 1)) + Number(second > 0 === (bits[row * OUT + 1] === 1))
    }, 0)
    const hasCorrect = loss === 'cross-entropy' || loss === 'binary'
    expect(out.correct && Number(out.correct.data[0])).toBe(hasCorrect ? met : undefined)
    expect(out.error === undefined).toBe(hasCorrect)
    if (out.error) expect(Math.abs(Number(out.error.data[0]) - meanDistance(answers))).toBeLessThan(1e-6)
  },
)
