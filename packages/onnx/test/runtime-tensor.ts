/** Tensors of this package as onnxruntime-node takes and gives them, for tests. */
import type { Datatype, TensorSpec } from '@skerry/contract/models/tensor'
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { RawTensor } from '../src/tensor.ts'

/** By data type: the runtime's name for it, and the array that holds it. */
const types = {
  BOOL: ['bool', Uint8Array],
  UINT8: ['uint8', Uint8Array],
  UINT16: ['uint16', Uint16Array],
  UINT32: ['uint32', Uint32Array],
  UINT64: ['uint64', BigUint64Array],
  INT8: ['int8', Int8Array],
  INT16: ['int16', Int16Array],
  INT32: ['int32', Int32Array],
  INT64: ['int64', BigInt64Array],
  FP16: ['float16', Float16Array],
  FP32: ['float32', Float32Array],
  FP64: ['float64', Float64Array],
} as const

type Metadata = InferenceSession.ValueMetadata

/** Inputs or outputs as lines that can be compared with those of `describeMetadata`. Unknown shapes are left out. */
export const describeSpecs = (specs: readonly TensorSpec[], unranked: readonly string[] = []): string[] =>
  specs.map(({ name, datatype, shape }) =>
    line(name, isNumeric(datatype) ? types[datatype][0] : 'string', unranked.includes(name) ? '?' : shape),
  )

/** The same of what the runtime says. */
export const describeMetadata = (metadata: readonly Metadata[], unranked: readonly string[] = []): string[] =>
  metadata.map((value) => {
    if (!value.isTensor) return `${value.name} is no tensor`
    const shape = value.shape.map((size) => (typeof size === 'number' && size >= 0 ? size : -1))
    return line(value.name, value.type, unranked.includes(value.name) ? '?' : shape)
  })

const line = (name: string, type: string, shape: readonly number[] | '?') =>
  `${name} ${type} ${shape === '?' ? shape : `[${shape.join(', ')}]`}`

/** A plain object, which is all that the runtime reads: `new Tensor` makes float16 a Float16Array, which it takes for empty. */
export function toRuntime({ datatype, shape, data }: RawTensor): Tensor {
  const [type, ArrayType] = isNumeric(datatype) ? types[datatype] : (['string', undefined] as const)
  const StoredType = type === 'float16' ? Uint16Array : ArrayType
  // Fresh bytes, because arrays must be aligned.
  const values = StoredType ? new StoredType(new Uint8Array(data).buffer) : readStrings(data)
  return { type, dims: shape, data: values, location: 'cpu' } as unknown as Tensor
}

/** Values that can be compared: numbers, bigints or strings. */
export function valuesOf({ datatype, data }: RawTensor): (number | bigint | string)[] {
  if (!isNumeric(datatype)) return readStrings(data)
  return [...new types[datatype][1](new Uint8Array(data).buffer)]
}

/** The same of what the runtime gave. */
export const valuesOfRuntime = (tensor: Tensor): (number | bigint | string)[] => [
  ...(tensor.data as Iterable<number | bigint | string>),
]

const isNumeric = (datatype: Datatype): datatype is keyof typeof types => Object.hasOwn(types, datatype)

function readStrings(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const strings: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at, true)
    strings.push(new TextDecoder().decode(bytes.subarray(at + 4, at + 4 + length)))
    at += 4 + length
  }
  return strings
}
