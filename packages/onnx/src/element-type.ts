/**
 * The element types of ONNX tensors: [onnx.proto, TensorProto.DataType] by number, with their size and their name in the
 * Open Inference Protocol. 23 to 26 are newer than the onnx.proto here; the numbers are what a file holds.
 */
import type { Datatype } from '@skerry/contract/models/tensor'

export type ElementType = {
  name: string
  /** 0 for strings, whose elements have no fixed size. Below 8, elements share bytes, the first in the low bits. */
  bits: number
  /** Absent where the Open Inference Protocol has no such type. */
  datatype?: Datatype
  /** False where onnxruntime-node 1.30 has no JavaScript tensor for it, so that no input or output may have it. */
  isServable: boolean
}

const served = (name: string, bits: number, datatype: Datatype): ElementType => ({
  name,
  bits,
  datatype,
  isServable: true,
})
const internal = (name: string, bits: number): ElementType => ({ name, bits, isServable: false })

const elementTypes: ReadonlyMap<number, ElementType> = new Map([
  [1, served('float32', 32, 'FP32')],
  [2, served('uint8', 8, 'UINT8')],
  [3, served('int8', 8, 'INT8')],
  [4, served('uint16', 16, 'UINT16')],
  [5, served('int16', 16, 'INT16')],
  [6, served('int32', 32, 'INT32')],
  [7, served('int64', 64, 'INT64')],
  [8, served('string', 0, 'BYTES')],
  [9, served('bool', 8, 'BOOL')],
  [10, served('float16', 16, 'FP16')],
  [11, served('float64', 64, 'FP64')],
  [12, served('uint32', 32, 'UINT32')],
  [13, served('uint64', 64, 'UINT64')],
  [14, internal('complex64', 64)],
  [15, internal('complex128', 128)],
  [16, { name: 'bfloat16', bits: 16, datatype: 'BF16', isServable: false }],
  [17, internal('float8e4m3fn', 8)],
  [18, internal('float8e4m3fnuz', 8)],
  [19, internal('float8e5m2', 8)],
  [20, internal('float8e5m2fnuz', 8)],
  [21, internal('uint4', 4)],
  [22, internal('int4', 4)],
  [23, internal('float4e2m1', 4)],
  [24, internal('float8e8m0', 8)],
  [25, internal('uint2', 2)],
  [26, internal('int2', 2)],
])

const numbers: ReadonlyMap<Datatype, number> = new Map(
  [...elementTypes].flatMap(([number, { datatype }]) => (datatype === undefined ? [] : [[datatype, number] as const])),
)

/** The element type of this number, or undefined for a number that ONNX does not define. */
export const elementType = (number: number): ElementType | undefined => elementTypes.get(number)

/** The number that ONNX gives to a data type of the Open Inference Protocol. */
export function elementTypeNumber(datatype: Datatype): number {
  const number = numbers.get(datatype)
  if (number === undefined) throw new Error(`no ONNX element type for ${datatype}`)
  return number
}

/** The bytes that `count` elements take when packed; strings have no such size. */
export const packedBytes = (type: ElementType, count: number): number => Math.ceil((count * type.bits) / 8)
