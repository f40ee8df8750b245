/**
 * Hostile inputs: requests that fit their model's signature, and that native code of the runtime handles badly or might. `ends` says what the
 * pinned version does: answer, reject with an error, or crash its process. docs/crashes.md has the same table.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AttributePart, buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import type { RawTensor } from '../src/host/raw-tensor.ts'

export type HostileInput = {
  operator: string
  name: string
  ends: 'answer' | 'error' | 'crash'
  output: [datatype: RawTensor['datatype'], rank: number]
  inputs: RawTensor[]
  attributes: Record<string, AttributePart> | undefined
}

type Unnamed = Omit<RawTensor, 'name'>

const tensor = (datatype: Unnamed['datatype'], shape: number[], { buffer }: { buffer: ArrayBuffer }): Unnamed => ({
  datatype,
  shape,
  data: new Uint8Array(buffer),
})
const int32 = (...values: number[]) => tensor('INT32', [values.length], Int32Array.from(values))
const int64 = (shape: number[], ...values: bigint[]) => tensor('INT64', shape, BigInt64Array.from(values))
const float32 = (shape: number[], ...values: number[]) => tensor('FP32', shape, Float32Array.from(values))

const INT32_MIN = -2_147_483_648
const INT64_MIN = -9_223_372_036_854_775_808n
const TWO_32 = 4_294_967_296n
const TWO_62 = 4_611_686_018_427_387_904n
const INFINITE = Number.POSITIVE_INFINITY

/** Inputs are named by the alphabet. */
function of(
  operator: string,
  name: string,
  ends: HostileInput['ends'],
  output: HostileInput['output'],
  inputs: Unnamed[],
  attributes?: Record<string, AttributePart>,
): HostileInput {
  const named = inputs.map((input, at) => ({ name: String.fromCharCode('a'.charCodeAt(0) + at), ...input }))
  return { operator, name, ends, output, inputs: named, attributes }
}

/** Every operator that computes an address, a size or a quotient from a value of a request is worth a line. */
export const HOSTILE_INPUTS: readonly HostileInput[] = [
  of('Div', 'INT32_MIN / -1', 'crash', ['INT32', 1], [int32(INT32_MIN), int32(-1)]),
  of('Div', 'INT32 1 / 0', 'error', ['INT32', 1], [int32(1), int32(0)]),
  of('Div', 'INT64_MIN / -1', 'crash', ['INT64', 1], [int64([1], INT64_MIN), int64([1], -1n)]),
  of('Div', 'INT64 1 / 0', 'error', ['INT64', 1], [int64([1], 1n), int64([1], 0n)]),
  of(
    'Div',
    'INT8_MIN / -1',
    'answer',
    ['INT8', 1],
    [tensor('INT8', [1], Int8Array.of(-128)), tensor('INT8', [1], Int8Array.of(-1))],
  ),
  of(
    'Div',
    'UINT8 1 / 0',
    'error',
    ['UINT8', 1],
    [tensor('UINT8', [1], Uint8Array.of(1)), tensor('UINT8', [1], Uint8Array.of(0))],
  ),
  of('Mod', 'INT32 1 mod 0', 'error', ['INT32', 1], [int32(1), int32(0)]),
  of('Mod', 'INT32_MIN mod -1', 'crash', ['INT32', 1], [int32(INT32_MIN), int32(-1)]),
  of('Mod', 'INT64 1 mod 0', 'error', ['INT64', 1], [int64([1], 1n), int64([1], 0n)]),
  of('Mod', 'INT64_MIN mod -1', 'crash', ['INT64', 1], [int64([1], INT64_MIN), int64([1], -1n)]),
  of('Mod', 'INT32 fmod by 0', 'error', ['INT32', 1], [int32(1), int32(0)], { fmod: { int: 1 } }),
  of(
    'ReduceSum',
    'a sum by an axis that is not there',
    'error',
    ['FP32', 1],
    [float32([2], 1, 2), int64([1], 1_000_000n)],
  ),
  of('Gather', 'an index past the end', 'error', ['FP32', 1], [float32([2], 1, 2), int64([1], 1_000_000_000n)]),
  of('Gather', 'the least index', 'error', ['FP32', 1], [float32([2], 1, 2), int64([1], INT64_MIN)]),
  of('GatherElements', 'an index past the end', 'error', ['FP32', 1], [float32([2], 1, 2), int64([1], 1_000_000_000n)]),
  of('GatherND', 'an index past the end', 'error', ['FP32', 1], [float32([2], 1, 2), int64([1, 1], 1_000_000_000n)]),
  of(
    'ScatterND',
    'an index past the end',
    'error',
    ['FP32', 1],
    [float32([2], 1, 2), int64([1, 1], 1_000_000_000n), float32([1], 1)],
  ),
  of(
    'ScatterND',
    'the least index',
    'error',
    ['FP32', 1],
    [float32([2], 1, 2), int64([1, 1], INT64_MIN), float32([1], 1)],
  ),
  of(
    'ScatterND',
    'too few updates',
    'error',
    ['FP32', 1],
    [float32([2], 1, 2), int64([2, 1], 0n, 1n), float32([1], 1)],
  ),
  of(
    'ScatterElements',
    'an index past the end',
    'error',
    ['FP32', 1],
    [float32([2], 1, 2), int64([1], 1_000_000_000n), float32([1], 1)],
  ),
  of('Expand', 'a size of 2^62', 'error', ['FP32', 1], [float32([1], 1), int64([1], TWO_62)]),
  of('Expand', 'two sizes of 2^32', 'error', ['FP32', 2], [float32([1, 1], 1), int64([2], TWO_32, TWO_32)]),
  of('ConstantOfShape', 'a size of 2^62', 'error', ['FP32', 1], [int64([1], TWO_62)]),
  of('ConstantOfShape', 'two sizes of 2^32', 'error', ['FP32', 2], [int64([2], TWO_32, TWO_32)]),
  of('ConstantOfShape', 'a negative size', 'error', ['FP32', 1], [int64([1], -1n)]),
  of('Tile', 'repeats of 2^62', 'error', ['FP32', 1], [float32([1], 1), int64([1], TWO_62)]),
  of('Tile', 'negative repeats', 'error', ['FP32', 1], [float32([1], 1), int64([1], -1n)]),
  of('Range', 'a range by a step of 0', 'error', ['INT64', 1], [int64([], 0n), int64([], 1n), int64([], 0n)]),
  of('Range', 'a range of 2^62', 'error', ['INT64', 1], [int64([], 0n), int64([], TWO_62), int64([], 1n)]),
  of('Pad', 'pads past all memory', 'error', ['FP32', 1], [float32([1], 1), int64([2], TWO_62, 0n)]),
  of('Pad', 'pads that cut off more than there is', 'error', ['FP32', 1], [float32([2], 1, 2), int64([2], -5n, 0n)]),
  of('Reshape', 'a shape that holds something else', 'error', ['FP32', 1], [float32([2], 1, 2), int64([1], 3n)]),
  of('OneHot', 'a depth of 2^62', 'error', ['FP32', 2], [int64([1], 0n), int64([], TWO_62), float32([2], 0, 1)]),
  of('TopK', 'more than there is', 'error', ['FP32', 1], [float32([2], 1, 2), int64([1], 1_000_000n)]),
  of(
    'Slice',
    'a step of 0',
    'error',
    ['FP32', 1],
    [float32([2], 1, 2), int64([1], 0n), int64([1], 1n), int64([1], 0n), int64([1], 0n)],
  ),
  of(
    'Resize',
    'a scale of 1e30',
    'error',
    ['FP32', 4],
    [float32([1, 1, 2, 2], 1, 2, 3, 4), float32([0]), float32([4], 1, 1, 1e30, 1e30)],
  ),
  of(
    'Resize',
    'a scale of 0',
    'error',
    ['FP32', 4],
    [float32([1, 1, 2, 2], 1, 2, 3, 4), float32([0]), float32([4], 1, 1, 0, 0)],
  ),
  of(
    'Resize',
    'a negative scale',
    'error',
    ['FP32', 4],
    [float32([1, 1, 2, 2], 1, 2, 3, 4), float32([0]), float32([4], 1, 1, -1, -1)],
  ),
  of(
    'Resize',
    'a scale that is not a number',
    'error',
    ['FP32', 4],
    [float32([1, 1, 2, 2], 1, 2, 3, 4), float32([0]), float32([4], 1, 1, Number.NaN, Number.NaN)],
  ),
  of(
    'Resize',
    'a cubic scale of 1e-9',
    'answer',
    ['FP32', 4],
    [float32([1, 1, 2, 2], 1, 2, 3, 4), float32([0]), float32([4], 1, 1, 1e-9, 1e-9)],
    { mode: { text: 'cubic' } },
  ),
  of(
    'MaxUnpool',
    'a position past the end',
    'error',
    ['FP32', 4],
    [float32([1, 1, 1, 1], 1), int64([1, 1, 1, 1], 1_000_000_000n)],
    { kernel_shape: { ints: [2, 2] } },
  ),
  of(
    'GridSample',
    'a place that is infinite',
    'answer',
    ['FP32', 4],
    [float32([1, 1, 2, 2], 1, 2, 3, 4), float32([1, 1, 1, 2], INFINITE, Number.NaN)],
  ),
  of(
    'GridSample',
    'a place by reflection at 1e30',
    'answer',
    ['FP32', 4],
    [float32([1, 1, 2, 2], 1, 2, 3, 4), float32([1, 1, 1, 2], 1e30, -1e30)],
    { padding_mode: { text: 'reflection' } },
  ),
  of(
    'RoiAlign',
    'an image past the end',
    'error',
    ['FP32', 4],
    [float32([1, 1, 2, 2], 1, 2, 3, 4), float32([1, 4], 0, 0, 1, 1), int64([1], 1_000_000n)],
  ),
  of(
    'RoiAlign',
    'a box of infinite size',
    'error',
    ['FP32', 4],
    [float32([1, 1, 2, 2], 1, 2, 3, 4), float32([1, 4], 0, 0, 1000000000, 1000000000), int64([1], 0n)],
  ),
  of('ReverseSequence', 'a length past the end', 'error', ['FP32', 2], [float32([2, 1], 1, 2), int64([1], 1_000_000n)]),
  of('CumSum', 'an axis past the end', 'error', ['FP32', 1], [float32([2], 1, 2), int64([], 1_000_000n)]),
  of('Trilu', 'the least diagonal', 'answer', ['FP32', 2], [float32([2, 2], 1, 2, 3, 4), int64([], INT64_MIN)]),
  of('Split', 'parts that are too many', 'error', ['FP32', 1], [float32([2], 1, 2), int64([1], 1_000_000n)]),
  of('DFT', 'a length of 2^62', 'error', ['FP32', 3], [float32([1, 2, 1], 1, 2), int64([], TWO_62)], {
    axis: { int: 1 },
  }),
  of('HannWindow', 'a window of 2^62', 'error', ['FP32', 1], [int64([], TWO_62)]),
  of('Pow', 'a negative power of an integer', 'answer', ['INT32', 1], [int32(0), int32(-1)]),
  of(
    'BitShift',
    'a shift past the width',
    'answer',
    ['UINT64', 1],
    [tensor('UINT64', [1], BigUint64Array.of(1n)), tensor('UINT64', [1], BigUint64Array.of(1000n))],
    { direction: { text: 'LEFT' } },
  ),
  of('Unsqueeze', 'an axis past the end', 'error', ['FP32', 2], [float32([2], 1, 2), int64([1], 1_000_000n)]),
  of(
    'NonMaxSuppression',
    'more boxes than scores',
    'error',
    ['INT64', 2],
    [float32([1, 2, 4], 0, 0, 1, 1, 0, 0, 1, 1), float32([1, 1, 1], 1), int64([1], INT64_MIN)],
  ),
  of('Reshape', 'a shape with 0 and -1', 'error', ['FP32', 2], [float32([0]), int64([2], 0n, -1n)]),
]

/** Writes the model of one, and gives its path. */
export async function writeHostileModel(folder: string, at: number, hostile: HostileInput): Promise<string> {
  const { operator, attributes, inputs, output } = hostile
  const [datatype, rank] = output
  const names = inputs.map(({ name }) => name)
  const outputs = operator === 'TopK' ? ['y', 'indices'] : ['y']
  const model = buildModel({
    nodes: [{ operator, inputs: names, outputs, ...(attributes ? { attributes } : {}) }],
    inputs: inputs.map((input) => ({ ...input, shape: input.shape.map(() => -1) })),
    outputs: [{ name: 'y', datatype, shape: Array.from({ length: rank }, () => -1) }],
  })
  const path = join(folder, `${at}.onnx`)
  await writeFile(path, writeModel(model))
  return path
}
