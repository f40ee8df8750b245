/** The process of a training with weights that stay on the device, and with corrected steps. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compressedBytes, expandWeights } from '@skerry/core/campaigns/compression'
import { bytesOfWeights } from '@skerry/core/campaigns/weights'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { evaluationModel } from '@skerry/onnx/train/evaluation-model'
import { isTrainingRefusal, type TrainingPlan } from '@skerry/onnx/train/plan'
import { trainingModel } from '@skerry/onnx/train/training-model'
import { writeModel } from '@skerry/onnx/write'
import { float32, npyOf } from '@skerry/testkit/npz'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeRow } from '../learn/recorded-rows.ts'
import { readDataSet } from './data-set.ts'
import { type TrainOrder, trainModel } from './train-model.ts'

const BODY = { name: 'body.w', shape: [3, 4] }
const HEAD = { name: 'head.w', shape: [4, 2] }
const BODY_START = Float32Array.from({ length: 12 }, (_, at) => Math.sin(at + 1))
const HEAD_START = Float32Array.from({ length: 8 }, (_, at) => Math.cos(at + 1))

/** Of 40 rows, 36 are trained on: nine steps in a pass of four. */
const TRAINING = { epochs: 2, batchSize: 4, learningRate: 0.1 }
const STEPS = 18

const model = writeModel(
  buildModel({
    opsets: { 'ai.onnx': 17 },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
    outputs: [{ name: 'logits', datatype: 'FP32', shape: [-1, 2] }],
    initialisers: [float32Tensor(BODY.name, BODY.shape, BODY_START), float32Tensor(HEAD.name, HEAD.shape, HEAD_START)],
    nodes: [
      { operator: 'MatMul', inputs: ['x', BODY.name], outputs: ['a'] },
      { operator: 'Tanh', inputs: ['a'], outputs: ['b'] },
      { operator: 'MatMul', inputs: ['b', HEAD.name], outputs: ['logits'] },
    ],
  }),
)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-kept-state-'))
  const values = Array.from({ length: 120 }, (_, at) => Math.sin(7 * at))
  const labels = BigInt64Array.from({ length: 40 }, (_, row) => ((values[3 * row] ?? 0) > 0 ? 1n : 0n))
  await writeFile(join(folder, 'data.npy'), npyOf(float32([40, 3], ...values)))
  await writeFile(join(folder, 'labels.npy'), npyOf({ descr: '<i8', shape: [40], data: new Uint8Array(labels.buffer) }))
})
afterAll(() => rm(folder, { recursive: true }))

async function fileOf(name: string, bytes: Uint8Array) {
  const path = join(folder, name)
  await writeFile(path, bytes)
  return { name, path, seal: undefined }
}

const plan: TrainingPlan = {
  loss: 'cross-entropy',
  optimiser: { name: 'sgd' },
  input: { dataType: 'float32' },
  batchSize: TRAINING.batchSize,
}

async function orderOf(more: Partial<TrainingPlan>, rest: Partial<TrainOrder>): Promise<TrainOrder> {
  const [training, evaluation] = [trainingModel(model, { ...plan, ...more }), evaluationModel(model, plan)]
  if (isTrainingRefusal(training) || isTrainingRefusal(evaluation)) throw new Error('the model cannot be trained')
  return {
    kind: 'train',
    rows: { folder },
    trainingModel: await fileOf('training.onnx', training.bytes),
    evaluationModel: await fileOf('evaluation.onnx', evaluation.bytes),
    weights: await fileOf('weights', bytesOfWeights(new Float32Array([...BODY_START, ...HEAD_START]))),
    parameters: [BODY, HEAD],
    row: { shape: [3], classes: 2 },
    ...TRAINING,
    seed: 5,
    outPath: join(folder, 'out'),
    ...rest,
  }
}

const LIMITS = { timeMs: 300_000, memoryBytes: 2 * 1024 ** 3 }

async function run(order: TrainOrder) {
  const result = await trainModel(order, LIMITS, AbortSignal.timeout(500_000))
  if (!result.ok) throw new Error(result.message)
  return { ...result, weights: await numbersIn(order.outPath) }
}

async function numbersIn(path: string): Promise<Float32Array> {
  return new Float32Array(new Uint8Array(await readFile(path)).buffer)
}

const closeTo = (values: Iterable<number>) => [...values].map((value) => expect.closeTo(value, 5))

test('weights that stay on the device are trained with the others, kept in its file, and not in the update', async () => {
  const whole = await run(await orderOf({}, {}))
  const paths = { path: join(folder, 'state'), nextPath: join(folder, 'state.next') }
  const order = await orderOf(
    {},
    {
      weights: await fileOf('body', bytesOfWeights(BODY_START)),
      parameters: [BODY],
      personal: { start: await fileOf('head', bytesOfWeights(HEAD_START)), parameters: [HEAD] },
      state: paths,
    },
  )
  const first = await run(order)
  expect(first.weights).toEqual(whole.weights.subarray(0, 12))
  expect(await numbersIn(paths.nextPath)).toEqual(whole.weights.subarray(12))
  expect(first.before).toEqual(whole.before)

  // The next round begins with the kept values, and the round before it with those of the campaign.
  await writeFile(paths.path, await readFile(paths.nextPath))
  const second = await run(order)
  expect(second.before.lossSum).not.toBe(first.before.lossSum)
  expect(second.weights).not.toEqual(first.weights)
  await writeFile(paths.path, 'torn by a power cut')
  expect((await run(order)).weights).toEqual(first.weights)
})

test('rows that another process hands over give the bits of the same rows in files, also if some were deleted since', async () => {
  const files = await run(await orderOf({}, {}))
  const read = await readDataSet(folder)
  if (!read.ok) throw new Error(read.message)
  const { data, labels, ...facts } = read.value
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  async function* parts() {
    for (let from = 0; from < facts.rows; from += 7) {
      const to = Math.min(facts.rows, from + 7)
      yield {
        data: bytes.subarray(from * 12, to * 12),
        answers: Float64Array.from(labels.slice(from, to), Number),
        held: Uint8Array.from({ length: to - from }, (_, at) => Number((from + at) % 10 === 9)),
      }
    }
  }
  const handed = await run(await orderOf({}, { rows: { handed: { facts: { ...facts, rows: 60 }, parts } } }))
  expect(handed).toMatchObject({ rows: 36, before: files.before, trainLoss: files.trainLoss })
  expect(handed.weights).toEqual(files.weights)
  // The version of the data has the rows that came, and not those that were counted before.
  expect(handed.data).toEqual({ rows: facts.rows, digest: expect.stringMatching(/^[0-9a-f]{64}$/) })

  async function* broken() {
    yield { data: bytes.subarray(0, 12), answers: Float64Array.of(0), held: Uint8Array.of(0) }
    throw new Error('the database is closed')
  }
  const order = await orderOf({}, { rows: { handed: { facts, parts: broken } } })
  await expect(trainModel(order, LIMITS, AbortSignal.timeout(500_000))).rejects.toThrow('the database is closed')
})

test('each step is corrected by the mean direction, and the new direction of the device follows from its way', async () => {
  const paths = { path: join(folder, 'control'), nextPath: join(folder, 'control.next') }
  const start = new Float32Array([...BODY_START, ...HEAD_START])
  const plain = await run(await orderOf({ fuse: false }, {}))
  const first = await run(await orderOf({ control: true }, { control: {}, state: paths }))
  expect([...first.weights]).toEqual(closeTo(plain.weights))
  const rate = 1 / (STEPS * TRAINING.learningRate)
  const direction = start.map((value, at) => rate * (value - (first.weights[at] ?? 0)))
  expect([...(await numbersIn(paths.nextPath))]).toEqual(closeTo(direction))

  // A device that pulls as all others do is not corrected.
  await writeFile(paths.path, bytesOfWeights(direction))
  const mean = await fileOf('mean', bytesOfWeights(direction))
  const same = await run(await orderOf({ control: true }, { control: { mean }, state: paths }))
  expect([...same.weights]).toEqual(closeTo(plain.weights))
  // The other devices pull along a device that has no direction yet.
  await rm(paths.path)
  const pulled = await run(await orderOf({ control: true }, { control: { mean }, state: paths }))
  expect([...pulled.weights]).not.toEqual(closeTo(plain.weights))
  const next = await numbersIn(paths.nextPath)
  const wanted = pulled.weights.map((value, at) => rate * ((start[at] ?? 0) - value) - (direction[at] ?? 0))
  expect([...next]).toEqual(closeTo(wanted))
})

test('the gradients of a step are limited to a norm', async () => {
  const free = await run(await orderOf({}, {}))
  const bound = await run(await orderOf({ clipNorm: true }, { clipNorm: 0.01 }))
  const start = new Float32Array([...BODY_START, ...HEAD_START])
  const wayOf = (weights: Float32Array) => Math.hypot(...weights.map((value, at) => value - (start[at] ?? 0)))
  expect(wayOf(free.weights)).toBeGreaterThan(wayOf(bound.weights))
  expect(wayOf(bound.weights)).toBeLessThanOrEqual(STEPS * TRAINING.learningRate * 0.01 + 1e-5)
})

test('a compressed update has a quarter of the bytes, and the rest of rounding goes into the next one', async () => {
  const paths = { path: join(folder, 'residual'), nextPath: join(folder, 'residual.next') }
  const start = new Float32Array([...BODY_START, ...HEAD_START])
  const exact = await run(await orderOf({}, {}))
  const order = await orderOf({}, { compression: 'int8', state: paths })
  const sent = async () => {
    const result = await trainModel(order, LIMITS, AbortSignal.timeout(500_000))
    if (!result.ok) throw new Error(result.message)
    const bytes = await readFile(order.outPath)
    expect(bytes.byteLength).toBe(compressedBytes(start.length))
    return expandWeights(start, bytes) ?? new Float32Array()
  }
  const first = await sent()
  const residual = await numbersIn(paths.nextPath)
  const sum = first.map((value, at) => value + (residual[at] ?? 0))
  expect([...sum]).toEqual(closeTo(exact.weights))
  expect([...first]).not.toEqual(closeTo(exact.weights))
  await writeFile(paths.path, bytesOfWeights(residual.map((value) => value + 0.5)))
  const second = await sent()
  expect(second.every((value, at) => value > (first[at] ?? 0) + 0.4)).toBe(true)
})

test('a training on a recording gives the same weights as one on the same rows in files', async () => {
  const order = await orderOf({}, { outPath: join(folder, 'of-files') })
  expect(await trainModel(order, LIMITS, AbortSignal.timeout(500_000))).toMatchObject({ ok: true, rows: 36 })
  const tags = ['a', 'b', 'c']
  const note = { tags: ['state', ...tags], everyMs: 1_000, rows: 40 }
  const rows = Array.from({ length: 40 }, (_, row) => {
    const values = Array.from({ length: 3 }, (_, at) => Math.sin(7 * (3 * row + at)))
    return encodeRow(1_000 * row, [(values[0] ?? 0) > 0 ? 1 : 0, ...values])
  })
  await writeFile(join(folder, 'plant.json'), JSON.stringify(note))
  await writeFile(join(folder, 'plant.f64'), Buffer.concat(rows))
  const paths = { notePath: join(folder, 'plant.json'), rowsPath: join(folder, 'plant.f64') }
  const recorded = {
    ...order,
    rows: { recording: { name: 'plant', label: 'state', tags, ...paths } },
    outPath: join(folder, 'of-recording'),
  }
  expect(await trainModel(recorded, LIMITS, AbortSignal.timeout(500_000))).toMatchObject({ ok: true, rows: 36 })
  const trained = await readFile(recorded.outPath)
  expect(trained.equals(await readFile(order.outPath))).toBe(true)
  expect(trained.equals(await readFile(order.weights.path))).toBe(false)
})

const RESUMED: [string, Partial<TrainingPlan>][] = [
  ['plain steps', {}],
  ['momentum', { optimiser: { name: 'sgd', momentum: 0.9 } }],
  ['Adam', { optimiser: { name: 'adam' } }],
]

test.each(RESUMED)(
  'a training with %s that is killed goes on from its checkpoint, and ends with the same bits',
  async (_, of) => {
    const epochs = 400
    await rm(join(folder, 'checkpoint'), { force: true })
    const whole = await orderOf(of, { epochs, outPath: join(folder, 'whole') })
    const first = await trainModel(whole, LIMITS, AbortSignal.timeout(500_000))
    expect(first).toMatchObject({ ok: true })
    const path = join(folder, 'checkpoint')
    // A checkpoint after each step: the training cannot end before it is killed.
    const stopped = { ...whole, outPath: join(folder, 'stopped'), checkpoint: { path, everyMs: 0 } }
    const kill = new AbortController()
    const killed = trainModel(stopped, LIMITS, AbortSignal.any([kill.signal, AbortSignal.timeout(500_000)]))
    const isThere = async () => (await stat(path).catch(() => undefined)) !== undefined
    await until(isThere)
    kill.abort()
    await expect(killed).rejects.toThrow('abort')
    const kept = await readFile(path)
    const again = { ...stopped, checkpoint: { path, everyMs: 60_000 } }
    const resumed = await trainModel(again, LIMITS, AbortSignal.timeout(500_000))
    expect(resumed).toMatchObject({ ok: true, resumedAt: expect.any(Number) })
    expect((await readFile(again.outPath)).equals(await readFile(whole.outPath))).toBe(true)
    if (first.ok && resumed.ok) expect(resumed.trainLoss).toBe(first.trainLoss)

    // A torn file, and one of a training with another seed, count as none.
    const other = { ...again, seed: 6 }
    await writeFile(path, kept)
    const anew = await trainModel(other, LIMITS, AbortSignal.timeout(500_000))
    expect(anew).not.toHaveProperty('resumedAt')
    await writeFile(path, kept.subarray(0, -20))
    const torn = await trainModel(again, LIMITS, AbortSignal.timeout(500_000))
    expect(torn).not.toHaveProperty('resumedAt')
    expect((await readFile(again.outPath)).equals(await readFile(whole.outPath))).toBe(true)
  },
)

test('a training that draws weights back to those of the round begins again', async () => {
  const checkpoint = { path: join(folder, 'proximal-checkpoint'), everyMs: 0 }
  const order = await orderOf({ proximal: true }, { proximal: 0.1, checkpoint, outPath: join(folder, 'proximal') })
  expect(await trainModel(order, LIMITS, AbortSignal.timeout(500_000))).toMatchObject({ ok: true })
  expect(await stat(checkpoint.path).catch(() => undefined)).toBeUndefined()
})
