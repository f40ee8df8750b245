/** Between raw tensors and onnxruntime's: the only place that knows which JavaScript array stands for which data type. */
import { type Datatype, ELEMENT_BYTES, type TensorSpec } from '@skerry/contract/models/tensor'
import type { InferenceSession, OnnxValue, Tensor } from 'onnxruntime-node'
import { bytesOfStrings, copyBytes, type RawTensor, stringsOf } from '../host/raw-tensor.ts'

const DATATYPE_OF: Partial<Record<Tensor.Type, Datatype>> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float16: 'FP16',
  float32: 'FP32',
  float64: 'FP64',
  string: 'BYTES',
}

const TYPE_OF = Object.fromEntries(Object.entries(DATATYPE_OF).map(([type, datatype]) => [datatype, type]))

const ARRAY_OF = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const

/** The signature of one side of a session; undefined for a value that the protocol cannot carry (sequence, map, int4). */
export function specOf(metadata: InferenceSession.ValueMetadata): TensorSpec | undefined {
  if (!metadata.isTensor) return undefined
  const datatype = DATATYPE_OF[metadata.type]
  if (datatype === undefined) return undefined
  return { name: metadata.name, datatype, shape: metadata.shape.map((size) => (typeof size === 'number' ? size : -1)) }
}

/**
 * A plain object with a tensor's fields, which is all that the binding reads. `new Tensor` would turn FP16 into a
 * Float16Array, and onnxruntime-node 1.30 reads such an array as empty ("not enough space: expected 4, got 0").
 */
export function toOrt(tensor: RawTensor): OnnxValue {
  const { datatype, shape } = tensor
  const data = datatype === 'BYTES' ? stringsOf(tensor.data) : typedArray(datatype, tensor.data)
  return { type: TYPE_OF[datatype], dims: shape, data, location: 'cpu' } as unknown as OnnxValue
}

function typedArray(datatype: Exclude<Datatype, 'BYTES'>, bytes: Uint8Array<ArrayBuffer>) {
  const size = ELEMENT_BYTES[datatype]
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : copyBytes(bytes)
  return new ARRAY_OF[datatype](buffer, byteOffset, bytes.byteLength / size)
}

/** An output as raw bytes: a view of the runtime's own copy. */
export function fromOrt(name: string, value: OnnxValue): RawTensor {
  const { type, dims, data } = value as Tensor
  const datatype = DATATYPE_OF[type]
  if (datatype === undefined) throw new Error(`output ${name} has type ${type}, which cannot be served`)
  return { name, datatype, shape: [...dims], data: Array.isArray(data) ? bytesOfStrings(data) : rawBytes(data) }
}

const rawBytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)
