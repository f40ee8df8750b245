/**
 * 4-bit weights: `com.microsoft.MatMulNBits` reads a matrix in blocks of 4-bit numbers with a scale each. Scales and
 * numbers are those of onnxruntime's own quantiser (`MatMul4BitsQuantizer`, symmetric).
 */

import { create } from '@bufbuild/protobuf'
import { OperatorSetIdProtoSchema } from '../generated/onnx_pb.ts'
import type { Model } from '../read.ts'
import { writeTensor } from '../tensor.ts'
import { type Matrix, nodeOf, replaceProducts } from './matmul.ts'
import type { Pass } from './pass.ts'
import { clamp } from './weight.ts'

/** Rows that share a scale. The quantiser's default, for which the runtime has its fastest kernels. */
const BLOCK = 32

/** Smaller matrices save less than a kilobyte, and their products are faster in float32. */
const ELEMENTS_MIN = 4_096

/** [com.microsoft MatMulNBits, accuracy_level] 4: the left side becomes int8 while the model runs. */
export type FourBitOptions = {
  isLeftInt8: boolean
  /** Names of the results of nodes that stay in float. */
  keep?: ReadonlySet<string>
}

const DOMAIN = 'com.microsoft'

export const matMul4Bit = ({ isLeftInt8, keep = new Set() }: FourBitOptions): Pass => ({
  name: isLeftInt8 ? 'matmul-4bit-int8' : 'matmul-4bit',
  apply(model, report) {
    const weights = new Map<string, { values: string; scales: string }>()
    replaceProducts(model, { report, keep }, ({ matrix, left, output, fresh, store }) => {
      const { name, rows, columns } = matrix
      if (matrix.values.length < ELEMENTS_MIN) return { reason: `its weight has fewer than ${ELEMENTS_MIN} elements` }
      const known = weights.get(name)
      const names = known ?? { values: fresh(`${name}/4bit`), scales: fresh(`${name}/scales`) }
      weights.set(name, names)
      if (!known) for (const tensor of packed(matrix, names)) store(tensor)
      const attributes = { K: rows, N: columns, bits: 4, block_size: BLOCK, ...(isLeftInt8 && { accuracy_level: 4 }) }
      return { nodes: [nodeOf('MatMulNBits', [left, names.values, names.scales], [output], fresh, attributes, DOMAIN)] }
    })
    if (report.changed.length > 0) importDomain(model)
    return undefined
  },
})

/** [com.microsoft MatMulNBits] B is uint8 [N, blocks, BLOCK / 2], the low half of a byte first; scales [N * blocks]. */
function packed(matrix: Matrix, names: { values: string; scales: string }) {
  const { rows, columns } = matrix
  const blocks = Math.ceil(rows / BLOCK)
  const bytes = new Uint8Array((columns * blocks * BLOCK) / 2)
  const scales = new Float32Array(columns * blocks)
  const block = new Float32Array(BLOCK)
  for (let at = 0; at < scales.length; at++) {
    readBlock(matrix, { column: Math.floor(at / blocks), first: (at % blocks) * BLOCK }, block)
    scales[at] = packBlock(block, bytes.subarray((at * BLOCK) / 2))
  }
  const shape = [columns, blocks, BLOCK / 2]
  return [
    writeTensor(names.values, { datatype: 'UINT8', shape, data: bytes }),
    writeTensor(names.scales, { datatype: 'FP32', shape: [scales.length], data: new Uint8Array(scales.buffer) }),
  ]
}

/** The rows of one column from `first` on; zeros below the last row. */
function readBlock({ values, rows, columns }: Matrix, at: { column: number; first: number }, block: Float32Array) {
  for (let index = 0; index < BLOCK; index++) {
    const row = at.first + index
    block[index] = row < rows ? (values[row * columns + at.column] ?? 0) : 0
  }
}

/** Writes the numbers of a block, and returns its scale. */
function packBlock(block: Float32Array, bytes: Uint8Array): number {
  const scale = scaleOf(block)
  for (const [index, value] of block.entries()) {
    const number = scale === 0 ? ZERO : clamp(Math.round(value / scale) + ZERO, 0, 15)
    bytes[index >> 1] = (bytes[index >> 1] ?? 0) | (index % 2 === 0 ? number : number << 4)
  }
  return scale
}

/** The number that stands for 0. */
const ZERO = 8

/** The value of the largest magnitude, with its sign, becomes the number 0, which is -8 scales. */
function scaleOf(block: Float32Array): number {
  const extreme = block.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0)
  return extreme === 0 ? 0 : Math.fround(extreme / -ZERO)
}

function importDomain({ opsetImport }: Model) {
  if (opsetImport.some(({ domain }) => domain === DOMAIN)) return
  opsetImport.push(create(OperatorSetIdProtoSchema, { domain: DOMAIN, version: 1n }))
}
