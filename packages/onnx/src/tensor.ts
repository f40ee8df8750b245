/**
 * Tensors as ONNX stores them, to and from raw little-endian bytes. [onnx.proto, TensorProto] The elements stand in
 * `raw_data`, in a typed field that several types share, or in another file (see external-data.ts).
 */
import { create } from '@bufbuild/protobuf'
import type { Datatype } from '@skerry/contract/models/tensor'
import { type ElementType, elementType, elementTypeNumber, packedBytes } from './element-type.ts'
import { type TensorProto, TensorProto_DataLocation, TensorProtoSchema } from './generated/onnx_pb.ts'
import { accept, quote, type Refusal, type Result, rejectModel } from './refusal.ts'
import { decode } from './wire.ts'

/** `data` is row-major and little-endian; a string is its length as u32, then its bytes. */
export type RawTensor = { datatype: Datatype; shape: number[]; data: Uint8Array }

/** The header of a tensor, once it is valid. */
export type TensorHeader = { type: ElementType; shape: number[]; count: number }

/** The type and shape of a tensor, or why they cannot be. */
export function tensorHeader(tensor: TensorProto, label: string): Result<TensorHeader> {
  const type = elementType(tensor.dataType)
  if (!type)
    return rejectModel('model_not_onnx', `${label} has element type ${tensor.dataType}, which ONNX does not define`)
  const shape = tensor.dims.map(Number)
  const count = shape.reduce((product, dimension) => product * dimension, 1)
  if (shape.some((dimension) => dimension < 0) || !Number.isSafeInteger(count * Math.max(1, type.bits))) {
    return rejectModel('model_not_onnx', `${label} has shape [${shape.join(', ')}], which no tensor can have`)
  }
  return accept({ type, shape, count })
}

/** Whether the elements are in another file. */
export const isExternal = (tensor: TensorProto): boolean => tensor.dataLocation === TensorProto_DataLocation.EXTERNAL

/** Undefined when a tensor holds exactly the elements that its shape needs, or keeps them in another file. */
export function checkTensor(tensor: TensorProto, label: string): Refusal | undefined {
  const header = tensorHeader(tensor, label)
  if (!header.ok) return header
  if (isExternal(tensor)) return undefined
  const { type, count } = header.value
  if (tensor.rawData.length > 0) {
    const needed = packedBytes(type, count)
    if (type.bits > 0 && tensor.rawData.length === needed) return undefined
    return damaged(label, `${tensor.rawData.length} bytes where its shape needs ${needed}`)
  }
  const held = typedField(tensor).length
  const needed = typedCount(type, count)
  return held === needed ? undefined : damaged(label, `${held} values where its shape needs ${needed}`)
}

/** The elements as raw bytes; a view into the file if it stores them so. Strings are as in `RawTensor`. */
export function tensorBytes(tensor: TensorProto, label: string): Result<Uint8Array> {
  const flaw = checkTensor(tensor, label)
  if (flaw) return flaw
  if (isExternal(tensor)) return rejectModel('model_incomplete', `${label} keeps its elements in another file`)
  if (tensor.rawData.length > 0) return accept(tensor.rawData)
  if (tensor.stringData.length > 0) return accept(packStrings(tensor.stringData))
  return accept(packTyped(tensor))
}

/** A tensor that the Open Inference Protocol can carry. */
export function readTensor(tensor: TensorProto): Result<RawTensor> {
  const label = `tensor ${quote(tensor.name)}`
  const header = tensorHeader(tensor, label)
  if (!header.ok) return header
  const { type, shape } = header.value
  if (!type.datatype) return rejectModel('model_input_unsupported', `${label} is ${type.name}, which cannot be served`)
  const data = tensorBytes(tensor, label)
  return data.ok ? accept({ datatype: type.datatype, shape, data: data.value }) : data
}

/** A file that holds one TensorProto, as the inputs and outputs of ONNX test cases do. */
export function readTensorFile(bytes: Uint8Array): Result<RawTensor & { name: string }> {
  const decoded = decode(TensorProtoSchema, bytes)
  if (!decoded.ok) return decoded
  const tensor = readTensor(decoded.value)
  return tensor.ok ? accept({ name: decoded.value.name, ...tensor.value }) : tensor
}

/** The tensor as an initialiser of this name. */
export function writeTensor(name: string, { datatype, shape, data }: RawTensor): TensorProto {
  const dims = shape.map(BigInt)
  const dataType = elementTypeNumber(datatype)
  const content = datatype === 'BYTES' ? { stringData: unpackStrings(data) } : { rawData: data }
  return create(TensorProtoSchema, { name, dims, dataType, ...content })
}

const damaged = (label: string, what: string) =>
  rejectModel('model_not_onnx', `${label} holds ${what}; the file is damaged`)

/** [onnx.proto, TensorProto] Which field holds which type when `raw_data` does not. */
function typedField(tensor: TensorProto): readonly (number | bigint | Uint8Array)[] {
  const { floatData, doubleData, int64Data, uint64Data, stringData } = tensor
  const fields: Record<string, readonly (number | bigint | Uint8Array)[]> = {
    float32: floatData,
    complex64: floatData,
    float64: doubleData,
    complex128: doubleData,
    int64: int64Data,
    uint32: uint64Data,
    uint64: uint64Data,
    string: stringData,
  }
  return fields[elementType(tensor.dataType)?.name ?? ''] ?? tensor.int32Data
}

/** Complex numbers take two values, and elements of less than a byte share one. */
function typedCount({ name, bits }: ElementType, count: number): number {
  if (name.startsWith('complex')) return 2 * count
  return bits > 0 && bits < 8 ? Math.ceil((count * bits) / 8) : count
}

function packTyped(tensor: TensorProto): Uint8Array {
  const { floatData, doubleData, int32Data, int64Data, uint64Data } = tensor
  if (floatData.length > 0) return pack(floatData, 4, (view, at, value) => view.setFloat32(at, value, true))
  if (doubleData.length > 0) return pack(doubleData, 8, (view, at, value) => view.setFloat64(at, value, true))
  if (int64Data.length > 0) return pack(int64Data, 8, (view, at, value) => view.setBigInt64(at, value, true))
  const bits = elementType(tensor.dataType)?.bits
  if (uint64Data.length > 0 && bits === 64) {
    return pack(uint64Data, 8, (view, at, value) => view.setBigUint64(at, value, true))
  }
  if (uint64Data.length > 0) return pack(uint64Data, 4, (view, at, value) => view.setUint32(at, Number(value), true))
  if (bits === 32) return pack(int32Data, 4, (view, at, value) => view.setInt32(at, value, true))
  if (bits === 16) return pack(int32Data, 2, (view, at, value) => view.setInt16(at, value, true))
  return pack(int32Data, 1, (view, at, value) => view.setInt8(at, value))
}

function pack<Value>(values: readonly Value[], size: number, set: (view: DataView, at: number, value: Value) => void) {
  const bytes = new Uint8Array(values.length * size)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of values.entries()) set(view, index * size, value)
  return bytes
}

function packStrings(strings: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(strings.reduce((sum, { length }) => sum + 4 + length, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const text of strings) {
    view.setUint32(at, text.length, true)
    bytes.set(text, at + 4)
    at += 4 + text.length
  }
  return bytes
}

function unpackStrings(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const strings: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at, true)
    if (length > bytes.length - at - 4)
      throw new RangeError(`a string of ${length} bytes runs past the end of its tensor`)
    strings.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return strings
}
