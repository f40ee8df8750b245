/** Between raw tensors and gRPC's typed contents, where each data type has a field of its own. */

import { create, type MessageInitShape } from '@bufbuild/protobuf'
import type { Datatype } from '@skerry/contract/models/tensor'
import { type InferTensorContents, InferTensorContentsSchema } from '../generated/open_inference_grpc_pb.ts'
import { joinBytes, type RawTensor, splitBytes } from '../host/raw-tensor.ts'

type TypedDatatype = Exclude<Datatype, 'FP16' | 'BF16'>
type Field = Exclude<keyof InferTensorContents, '$typeName' | '$unknown'>

/** [Open Inference Protocol V2, InferTensorContents] */
const FIELD_OF: Readonly<Record<TypedDatatype, Field>> = {
  BOOL: 'boolContents',
  INT8: 'intContents',
  INT16: 'intContents',
  INT32: 'intContents',
  INT64: 'int64Contents',
  UINT8: 'uintContents',
  UINT16: 'uintContents',
  UINT32: 'uintContents',
  UINT64: 'uint64Contents',
  FP32: 'fp32Contents',
  FP64: 'fp64Contents',
  BYTES: 'bytesContents',
}

/** protobuf-es has checked what the wire type promises: 32-bit fields are numbers, 64-bit ones BigInts. */
const ARRAY_OF = {
  BOOL: Uint8Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const

type TypedArrayMaker = { from(elements: readonly unknown[]): Uint8Array<ArrayBuffer> | BigInt64Array<ArrayBuffer> }

type Encoded = { ok: true; data: Uint8Array<ArrayBuffer> } | { ok: false; problem: string }

/** The bytes of typed contents. The problem, if any, ends a sentence about the tensor. */
export function fromContents(datatype: Datatype, contents: InferTensorContents | undefined): Encoded {
  if (datatype === 'FP16' || datatype === 'BF16')
    return { ok: false, problem: `must be sent as raw_input_contents, being ${datatype}` }
  const field = FIELD_OF[datatype]
  const elements: readonly unknown[] = contents?.[field] ?? []
  const stray = Object.values(FIELD_OF).find((other) => other !== field && (contents?.[other].length ?? 0) > 0)
  if (stray !== undefined) return { ok: false, problem: `has ${stray}, but ${datatype} belongs in ${field}` }
  if (datatype === 'BYTES') return { ok: true, data: joinBytes(elements as Uint8Array[]) }
  const values = (ARRAY_OF[datatype] as TypedArrayMaker).from(elements)
  const isNarrow = datatype === 'INT8' || datatype === 'INT16' || datatype === 'UINT8' || datatype === 'UINT16'
  if (isNarrow && elements.some((element, at) => element !== values[at])) {
    return { ok: false, problem: `has an element out of ${datatype}'s range` }
  }
  return { ok: true, data: new Uint8Array(values.buffer) }
}

/** Whether typed contents can carry these tensors; if not, all of a message's tensors are raw. */
export const isTypeable = (tensors: readonly RawTensor[]): boolean =>
  tensors.every(({ datatype }) => datatype !== 'FP16' && datatype !== 'BF16')

/** Typed contents of a tensor; empty for a data type that has none. */
export function toContents({ datatype, data }: RawTensor): InferTensorContents {
  if (datatype === 'FP16' || datatype === 'BF16') return create(InferTensorContentsSchema)
  const init: MessageInitShape<typeof InferTensorContentsSchema> = { [FIELD_OF[datatype]]: elementsOf(datatype, data) }
  return create(InferTensorContentsSchema, init)
}

function elementsOf(datatype: TypedDatatype, data: Uint8Array<ArrayBuffer>): unknown[] {
  if (datatype === 'BYTES') return splitBytes(data)
  if (datatype === 'BOOL') return Array.from(data, (byte) => byte === 1)
  const View = ARRAY_OF[datatype]
  const { buffer, byteOffset, byteLength } = data.byteOffset % View.BYTES_PER_ELEMENT === 0 ? data : data.slice()
  return [...new View(buffer, byteOffset, byteLength / View.BYTES_PER_ELEMENT)]
}
