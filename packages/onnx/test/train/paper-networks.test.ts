/**
 * The two networks of the FedAvg paper: training models are exact against float64, repeatable, and one run of many
 * steps equals many runs of one step.
 */
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readModel } from '../../src/read.ts'
import { evaluationModel } from '../../src/train/evaluation-model.ts'
import { readParameters, writeParameters } from '../../src/train/parameters.ts'
import { isTrainingRefusal, startName, type TrainingPlan } from '../../src/train/plan.ts'
import { trainingModel } from '../../src/train/training-model.ts'
import { testDigits, trainDigits } from './digits.ts'
import { convolutional, twoLayers } from './paper-models.ts'
import { reference } from './paper-reference.ts'
import { int64, maxDifference, scalar, sessionOf, trainable, trainLocally, type Weights } from './train-stage.ts'

const ROWS = 500
const PIXELS = 784
const { images, labels } = trainDigits()
const data = { shape: [ROWS, PIXELS], data: images.subarray(0, ROWS * PIXELS) }
const labelsOf = (count: number) => int64([count], [...labels.subarray(0, count)])
const inOrder = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index)

const B = 10
const plan: TrainingPlan = {
  loss: 'cross-entropy',
  optimiser: { name: 'sgd' },
  input: { dataType: 'uint8', scale: 1 / 255 },
  batchSize: B,
}
const plain: TrainingPlan = { ...plan, fuse: false }

const batch = (step: number) => ({
  data: images.subarray(step * B * PIXELS, (step + 1) * B * PIXELS),
  labels: [...labels.subarray(step * B, (step + 1) * B)],
})

function worst(a: ReadonlyMap<string, ArrayLike<number>>, b: ReadonlyMap<string, ArrayLike<number>>): number {
  expect([...a.keys()]).toEqual([...b.keys()])
  return Math.max(...[...a].map(([name, values]) => maxDifference(values, b.get(name) ?? [])))
}

function digest(weights: Weights): string {
  const hash = createHash('sha256')
  for (const values of weights.values())
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  return hash.digest('hex')
}

/** A step of the CNN takes seconds in float64. */
const networks = [
  { kind: '2NN', bytes: twoLayers(7), steps: 50, weights: 199_210 },
  { kind: 'CNN', bytes: convolutional(7), steps: 2, weights: 1_663_370 },
] as const

describe.each(networks)('the $kind', ({ kind, bytes, steps, weights: count }) => {
  const model = trainable(bytes, plan)
  const start = readParameters(
    bytes,
    model.parameters.map(({ name }) => name),
  )
  const run = { data, labels: labelsOf(ROWS), rows: inOrder(steps * B), lr: 0.05 }

  test('has the parameters of the paper, and a training model of some kilobytes', () => {
    expect(model.parameters.reduce((sum, { elements }) => sum + elements, 0)).toBe(count)
    expect(model).toMatchObject({
      classes: 10,
      input: { shape: [-1, PIXELS] },
      labels: { shape: [-1] },
      output: 'logits',
    })
    expect(model.bytes.length).toBeLessThan(7_000)
    expect(trainingModel(bytes, plan)).toEqual(model)
  })

  test('each gradient is that of float64, fused and plain', async () => {
    const exact = reference(kind, start)
    const loss = exact.step(batch(0), 1)
    for (const each of [model, trainable(bytes, plain)]) {
      const session = await sessionOf(each.bytes)
      const one = await trainLocally(session, each, start, { ...run, rows: inOrder(B), lr: 1 }, B)
      await session.end()
      expect(worst(one.weights, exact.weights())).toBeLessThan(1e-6)
      expect(Math.abs((one.losses[0] ?? 0) - loss)).toBeLessThan(1e-6)
    }
  })

  test('weights and losses after some steps are those of float64', async () => {
    const exact = reference(kind, start)
    const losses = inOrder(steps).map((step) => exact.step(batch(step), 0.05))
    const session = await sessionOf(model.bytes)
    const trained = await trainLocally(session, model, start, run, B)
    await session.end()
    expect(worst(trained.weights, exact.weights())).toBeLessThan(1e-6)
    expect(maxDifference(trained.losses, losses)).toBeLessThan(2e-6)
  })

  test('one run of all steps gives the bits of one run for each step, in one and two threads', async () => {
    const session = await sessionOf(model.bytes)
    const whole = await trainLocally(session, model, start, run, B)
    let weights: Weights = start
    const losses: number[] = []
    for (const step of inOrder(steps)) {
      const one = await trainLocally(session, model, weights, { ...run, rows: inOrder(B, step * B) }, B)
      weights = one.weights
      losses.push(one.losses[0] ?? 0)
    }
    await session.end()
    expect(digest(weights)).toBe(digest(whole.weights))
    expect(losses).toEqual([...whole.losses])
    const two = await sessionOf(model.bytes, 2)
    expect(digest((await trainLocally(two, model, start, run, B)).weights)).toBe(digest(whole.weights))
    await two.end()
  })

  test('the trained weights go back into the file, whose graph stays as it was', () => {
    const doubled = new Map([...start].map(([name, values]) => [name, values.map((value) => value * 2)]))
    const written = writeParameters(bytes, doubled)
    expect(readParameters(written, [...start.keys()])).toEqual(doubled)
    expect(Buffer.from(writeParameters(written, start)).equals(bytes)).toBe(true)
    const [before, after] = [readModel(bytes), readModel(written)]
    if (!before.ok || !after.ok) throw new Error('a model cannot be read')
    expect(after.value.graph.node).toEqual(before.value.graph.node)
  })
})

test('a trained 2NN knows digits that it has not seen, by its evaluation model', async () => {
  const bytes = twoLayers(1)
  const model = trainable(bytes, { ...plan, batchSize: 50 })
  const count = 6_000
  const start = readParameters(
    bytes,
    model.parameters.map(({ name }) => name),
  )
  const session = await sessionOf(model.bytes)
  const trained = await trainLocally(
    session,
    model,
    start,
    {
      data: { shape: [count, PIXELS], data: images.subarray(0, count * PIXELS) },
      labels: labelsOf(count),
      rows: inOrder(count),
      lr: 0.2,
    },
    50,
  )
  await session.end()
  const evaluation = evaluationModel(bytes, plan)
  if (isTrainingRefusal(evaluation)) throw new Error(evaluation.message)
  const judge = await sessionOf(evaluation.bytes)
  const held = testDigits()
  const feeds = {
    data: { shape: [999, PIXELS], data: held.images.subarray(0, 999 * PIXELS) },
    labels: int64([999], [...held.labels.subarray(0, 999)]),
  }
  const judged = async (weights: Weights) => {
    const starts = evaluation.parameters.map(({ name, shape }) => [
      startName(name),
      { shape, data: weights.get(name) ?? new Float32Array() },
    ])
    const { loss, correct } = await judge.run({ ...feeds, ...Object.fromEntries(starts) })
    return { loss: Number(loss?.data[0]), correct: Number(correct?.data[0]) / 999 }
  }
  const [before, after] = [await judged(start), await judged(trained.weights)]
  await judge.end()
  expect(before.loss).toBeGreaterThan(2)
  expect(before.correct).toBeLessThan(0.3)
  expect(after.loss).toBeLessThan(0.5)
  expect(after.correct).toBeGreaterThan(0.85)
})

test('FedProx keeps weights nearer to their start, the stronger the nearer', async () => {
  const bytes = twoLayers(1)
  const model = trainable(bytes, { ...plan, proximal: true })
  const start = readParameters(
    bytes,
    model.parameters.map(({ name }) => name),
  )
  const session = await sessionOf(model.bytes)
  const distances: number[] = []
  for (const mu of [0, 0.1, 1, 10]) {
    const run = {
      data,
      labels: labelsOf(ROWS),
      rows: [...inOrder(ROWS), ...inOrder(ROWS)],
      lr: 0.05,
      more: { mu: scalar(mu) },
    }
    const { weights } = await trainLocally(session, model, start, run, B)
    const squares = [...weights].map(([name, values]) =>
      values.reduce((sum, value, index) => sum + (value - (start.get(name)?.[index] ?? 0)) ** 2, 0),
    )
    distances.push(Math.sqrt(squares.reduce((a, b) => a + b)))
  }
  await session.end()
  expect([...distances].sort((a, b) => b - a)).toEqual(distances)
  expect((distances[3] ?? 1) * 4).toBeLessThan(distances[0] ?? 0)
})
