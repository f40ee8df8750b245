import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Recipe } from '@skerry/contract/builds/build'
import type { GoldenInputCase } from '@skerry/contract/devices/golden'
import { float32Tensor, buildModel as modelOf } from '@skerry/onnx/build'
import { TensorProto_DataLocation } from '@skerry/onnx/generated/onnx_pb'
import { writeModel } from '@skerry/onnx/write'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runSandboxed } from '../seat/sandbox.ts'
import { type BuildLimits, type BuildResult, buildModel, observeModel, rankModel } from './build-model.ts'

const sensor = fileURLToPath(new URL('../../../../examples/sensor-anomaly/model-v1.onnx', import.meta.url))
const LIMITS: BuildLimits = { timeMs: 60_000, memoryBytes: 1_000_000_000 }
const { signal } = new AbortController()

let folder: string
let convolution: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-build-'))
  convolution = join(folder, 'convolution.onnx')
  await writeFile(convolution, writeModel(small()))
})
afterAll(() => rm(folder, { recursive: true }))

const noise = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, index) => Math.sin(index * 12.9898 + seed) * 0.5)

/** A convolution with a factor for each channel, an activation, and a product. */
const small = () =>
  modelOf({
    opsets: { 'ai.onnx': 13 },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3, 16, 16] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 4] }],
    initialisers: [
      float32Tensor('w', [8, 3, 3, 3], noise(216, 1)),
      float32Tensor('factor', [8, 1, 1], noise(8, 2)),
      float32Tensor('m', [8, 4], noise(32, 3)),
    ],
    nodes: [
      { operator: 'Conv', inputs: ['x', 'w'], outputs: ['c'] },
      { operator: 'Mul', inputs: ['c', 'factor'], outputs: ['scaled'] },
      { operator: 'Relu', inputs: ['scaled'], outputs: ['r'] },
      { operator: 'GlobalAveragePool', inputs: ['r'], outputs: ['p'] },
      { operator: 'Flatten', inputs: ['p'], outputs: ['f'] },
      { operator: 'MatMul', inputs: ['f', 'm'], outputs: ['y'] },
    ],
  })

const caseOf = (values: Float32Array, shape = [1, 3, 16, 16]): GoldenInputCase => ({
  inputs: { x: { datatype: 'FP32', shape, data: Buffer.from(values.buffer).toString('base64') } },
})

const images = [1, 2, 3, 4].map((seed) => caseOf(noise(768, seed)))

const order = (recipe: Recipe, modelPath: string, cases: GoldenInputCase[] = []) => ({
  modelPath,
  outPath: join(folder, `${recipe}.onnx`),
  recipe,
  cases,
  keep: [],
})

async function answers(modelPath: string): Promise<number[]> {
  const limits = { loadMs: 60_000, casesMs: 60_000, memoryBytes: 1_000_000_000 }
  const ran = await runSandboxed({ modelPath, cases: images, limits, signal })
  if (!ran.ok) throw new Error(ran.message)
  return ran.outputs.flatMap(({ y }) => [
    ...new Float32Array(new Uint8Array(Buffer.from(y?.data ?? '', 'base64')).buffer),
  ])
}

type StaticRecipe = `static-int8-${'minmax' | 'percentile' | 'entropy'}`

const ROWS = images.slice(0, 3)

const shared = new Map<StaticRecipe, Promise<{ path: string; made: BuildResult & { ok: true } }>>()

/** The build of the convolution with these rows. Each is a process for seconds, so the tests share one of each recipe. */
function sharedBuild(recipe: StaticRecipe) {
  const known = shared.get(recipe)
  if (known) return known
  const path = join(folder, `shared-${recipe}.onnx`)
  const build = buildModel({ ...order(recipe, convolution, ROWS), outPath: path }, LIMITS, signal).then((made) => {
    if (!made.ok) throw new Error(made.message)
    return { path, made }
  })
  shared.set(recipe, build)
  return build
}

test.each(['static-int8-minmax', 'static-int8-percentile', 'static-int8-entropy'] as const)(
  '%s: a build answers as its model does',
  async (recipe) => {
    const { path, made } = await sharedBuild(recipe)
    expect(made.sizeBytes).toBe((await stat(path)).size)
    expect(made.reports.map(({ pass, changed }) => [pass, changed.length])).toEqual([
      ['refuse-quantised', 0],
      ['normalise', 0],
      ['raise-opset', 0],
      ['fold-convolution', 1],
      ['static-int8', 2],
    ])
    const [float, built] = [await answers(convolution), await answers(path)]
    const largest = Math.max(...float.map(Math.abs))
    for (const [index, value] of float.entries())
      expect(Math.abs((built[index] ?? 0) - value)).toBeLessThan(largest * 0.05)
  },
)

test('the ranges that a device computes are those of a build from the same rows', async () => {
  const observed = await observeModel({ source: { modelPath: convolution }, cases: ROWS }, LIMITS, signal)
  if (!observed.ok) throw new Error(observed.message)
  for (const method of ['minmax', 'percentile', 'entropy'] as const) {
    const { made } = await sharedBuild(`static-int8-${method}`)
    expect(new Map([...observed.ranges].map(([name, each]) => [name, each[method]]))).toEqual(made.ranges)
    const again = { ...order(`static-int8-${method}`, convolution), ranges: made.ranges }
    expect(await buildModel(again, LIMITS, signal)).toMatchObject({ ok: true, sizeBytes: made.sizeBytes })
  }
})

test('rows of another shape, and rows with NaN, give no ranges', async () => {
  const source = { modelPath: convolution }
  const wrong = await observeModel({ source, cases: [caseOf(noise(12, 1), [1, 3, 2, 2])] }, LIMITS, signal)
  expect(wrong).toMatchObject({ ok: false, code: 'build_refused', message: expect.stringContaining('may not fit') })
  const nan = noise(768, 1).fill(Number.NaN, 5, 6)
  const notFinite = await observeModel({ source, cases: [caseOf(nan)] }, LIMITS, signal)
  expect(notFinite).toMatchObject({ ok: false, message: expect.stringContaining('NaN or infinite') })
})

test('a node that is to stay in float stays so', async () => {
  const made = await buildModel({ ...order('static-int8-minmax', convolution, images), keep: ['y'] }, LIMITS, signal)
  expect(made).toMatchObject({
    ok: true,
    reports: [{}, {}, {}, {}, { changed: [{ operator: 'Conv' }], skipped: [{ operator: 'MatMul' }] }],
  })
})

/** Its first product has weights of 1,000 for an input that is always 0, so that eight bits have nothing for the others. */
const planted = () => {
  const spoilt = noise(16 * 32, 5)
  spoilt.fill(1_000, 0, 32)
  return modelOf({
    opsets: { 'ai.onnx': 13 },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 16] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 8] }],
    initialisers: [float32Tensor('bad', [16, 32], spoilt), float32Tensor('good', [32, 8], noise(256, 6))],
    nodes: [
      { operator: 'MatMul', name: 'planted', inputs: ['x', 'bad'], outputs: ['h'] },
      { operator: 'Relu', inputs: ['h'], outputs: ['r'] },
      { operator: 'MatMul', name: 'sound', inputs: ['r', 'good'], outputs: ['y'] },
    ],
  })
}

test.each(['static-int8-minmax', 'dynamic-int8'] as const)('%s: the worst node is ranked first', async (recipe) => {
  const modelPath = join(folder, 'planted.onnx')
  await writeFile(modelPath, writeModel(planted()))
  const cases = [1, 2, 3].map((seed) => caseOf(noise(16, seed).fill(0, 0, 1), [1, 16]))
  const made = await buildModel(order(recipe, modelPath, cases), LIMITS, signal)
  if (!made.ok) throw new Error(made.message)
  const { ranges } = made
  const ranked = await rankModel({ modelPath, recipe, cases: cases.slice(0, 1), ranges }, LIMITS, signal)
  if (!ranked.ok) throw new Error(ranked.message)
  expect(ranked.nodes.map(({ key, operator }) => [key, operator])).toEqual([
    ['h', 'MatMul'],
    ['y', 'MatMul'],
  ])
  const [worst = 0, best = 1] = ranked.nodes.map(({ error }) => error)
  expect(worst).toBeGreaterThan(0.5)
  expect(best).toBeLessThan(0.05)
  const again = { ...order(recipe, modelPath), ranges, keep: ['h'] }
  expect(await buildModel(again, LIMITS, signal), 'ranges stand for the inputs').toMatchObject({ ok: true })
})

test.each([
  ['no calibration inputs', 'static-int8-minmax', [], 'needs calibration inputs'],
  ['an input of another shape', 'static-int8-minmax', [caseOf(noise(3, 1), [1, 1, 1, 3])], 'may not fit'],
  ['an input of NaN', 'static-int8-minmax', [caseOf(new Float32Array(768).fill(Number.NaN))], 'NaN or infinite'],
  ['a model in which nothing is large enough', 'matmul-4bit', [], 'finds nothing in the model'],
] as const)('rejects %s', async (_what, recipe, cases, message) => {
  const made = await buildModel(order(recipe, convolution, [...cases]), LIMITS, signal)
  expect(made).toMatchObject({ ok: false, code: 'build_refused', message: expect.stringContaining(message) })
})

test('rejects a model that is quantised already, and says by which node it knows', async () => {
  const { path: quantised } = await sharedBuild('static-int8-minmax')
  for (const recipe of ['static-int8-percentile', 'dynamic-int8', 'matmul-4bit'] as const)
    expect(await buildModel(order(recipe, quantised, images), LIMITS, signal)).toMatchObject({
      code: 'build_refused',
      message: expect.stringMatching(/quantised already, as node .*Linear.*optimise the float model/),
    })
})

test('rejects an operator that the runtime does not know, by its name', async () => {
  const modelPath = join(folder, 'unknown.onnx')
  const x = { name: 'x', datatype: 'FP32' as const, shape: [1, 16] }
  const odd = modelOf({
    opsets: { 'ai.onnx': 13, 'com.acme': 1 },
    inputs: [x],
    outputs: [{ ...x, name: 'y' }],
    initialisers: [float32Tensor('m', [16, 16], noise(256, 1))],
    nodes: [
      { operator: 'MatMul', inputs: ['x', 'm'], outputs: ['h'] },
      { operator: 'Polish', domain: 'com.acme', inputs: ['h'], outputs: ['y'] },
    ],
  })
  await writeFile(modelPath, writeModel(odd))
  const cases = [caseOf(noise(16, 1), [1, 16])]
  const made = await buildModel(order('static-int8-minmax', modelPath, cases), LIMITS, signal)
  expect(made).toMatchObject({ code: 'build_refused', message: expect.stringContaining('Polish') })
})

test('a full disk is a result, and no crash', async () => {
  const full = { ...order('float16', convolution), outPath: '/dev/full' }
  const made = await buildModel({ ...full, recipe: 'static-int8-minmax', cases: images }, LIMITS, signal)
  expect(made).toMatchObject({ code: 'build_disk_full', message: expect.stringContaining('make room') })
})

test('weights in a file beside the model become part of the build, and a missing file is named', async () => {
  const model = small()
  const beside = await mkdtemp(join(folder, 'beside-'))
  const [w] = model.graph.initializer
  if (!w) throw new Error('the model has no weights')
  await writeFile(join(beside, 'weights.bin'), w.rawData)
  w.externalData = ['location', 'length'].map((key) => ({
    $typeName: 'onnx.StringStringEntryProto',
    key,
    value: key === 'location' ? 'weights.bin' : String(w.rawData.length),
  }))
  w.rawData = new Uint8Array()
  w.dataLocation = TensorProto_DataLocation.EXTERNAL
  const modelPath = join(beside, 'model.onnx')
  await writeFile(modelPath, writeModel(model))
  const made = await buildModel(order('static-int8-minmax', modelPath, ROWS), LIMITS, signal)
  expect(made, JSON.stringify(made)).toMatchObject({ ok: true })
  const built = await readFile(join(folder, 'static-int8-minmax.onnx'))
  expect(built.equals(await readFile((await sharedBuild('static-int8-minmax')).path))).toBe(true)
  await rm(join(beside, 'weights.bin'))
  expect(await buildModel(order('dynamic-int8', modelPath), LIMITS, signal)).toMatchObject({
    code: 'build_refused',
    message: expect.stringContaining('"weights.bin"'),
  })
})

test('rejects a file that is no model', async () => {
  const made = await buildModel(order('float16', fileURLToPath(import.meta.url)), LIMITS, signal)
  expect(made).toMatchObject({ ok: false, code: 'build_refused' })
})

test('a build that takes too long or too much memory ends, and an ended signal rejects it', async () => {
  const dynamic = order('dynamic-int8', sensor)
  expect(await buildModel(dynamic, { ...LIMITS, timeMs: 1 }, signal)).toMatchObject({ code: 'build_timeout' })
  expect(await buildModel(dynamic, { ...LIMITS, memoryBytes: 1_000_000 }, signal)).toMatchObject({
    code: 'build_memory_exceeded',
  })
  const ended = AbortSignal.abort(new Error('ended'))
  await expect(buildModel(dynamic, LIMITS, ended)).rejects.toThrow('ended')
})

test('the same order makes the same bytes', async () => {
  await buildModel(order('static-int8-percentile', convolution, ROWS), LIMITS, signal)
  const again = await readFile(join(folder, 'static-int8-percentile.onnx'))
  expect(again.equals(await readFile((await sharedBuild('static-int8-percentile')).path))).toBe(true)
})

test.for(['dynamic-int8', 'static-int8-minmax', 'float16', 'matmul-4bit'] as const)(
  '%s: the process of a build of a model of 42 MB takes at most six times the model',
  deep('it makes builds of a model of 42 MB, and smaller ones show the results'),
  async (recipe) => {
    const widths = [1_024, 3_072, 2_048, 512]
    const layers = widths.slice(1).map((columns, layer) => ({ rows: widths[layer] ?? 1, columns }))
    const model = writeModel(
      modelOf({
        opsets: { 'ai.onnx': 13 },
        inputs: [{ name: 'x0', datatype: 'FP32', shape: [1, 1_024] }],
        outputs: [{ name: 'x3', datatype: 'FP32', shape: [1, 512] }],
        initialisers: layers.map(({ rows, columns }, layer) =>
          float32Tensor(`m${layer}`, [rows, columns], noise(rows * columns, layer)),
        ),
        nodes: layers.map((_, layer) => ({
          operator: 'MatMul',
          inputs: [`x${layer}`, `m${layer}`],
          outputs: [`x${layer + 1}`],
        })),
      }),
    )
    const modelPath = join(folder, 'large.onnx')
    await writeFile(modelPath, model)
    const input = Buffer.from(noise(1_024, 1).buffer).toString('base64')
    const cases = [{ inputs: { x0: { datatype: 'FP32' as const, shape: [1, 1_024], data: input } } }]
    const made = await buildModel(order(recipe, modelPath, cases), LIMITS, signal)
    if (!made.ok) throw new Error(made.message)
    expect(made.peakBytes / model.length).toBeLessThan(6)
  },
)
