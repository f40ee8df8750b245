/** Between a tensor's elements in JSON and raw bytes, exactly: no integer is rounded, nothing is guessed. */
import type { Datatype } from '@skerry/contract/models/tensor'
import { ARRAY_OF, bytesOfElements, ELEMENT_WORDS, type Numeric } from '@skerry/core/tensors/tensor-elements'
import { assertNever } from '@skerry/core/values/assert-never'
import { type Failure, fail } from '../host/failure.ts'
import { elementCount, type RawTensor, stringsOf } from '../host/raw-tensor.ts'

type Encoded = { ok: true; data: Uint8Array<ArrayBuffer> } | { ok: false; problem: string }

/** The bytes of `data`, nested as the shape or flat. The problem, if any, ends a sentence about the tensor. */
export function encodeJson(datatype: Datatype, shape: readonly number[], data: unknown): Encoded {
  const elements = flatten(data, shape)
  const expected = elementCount(shape)
  if (elements === undefined)
    return { ok: false, problem: 'must have its data in a flat array, or nested as its shape' }
  if (elements.length !== expected) {
    return { ok: false, problem: `needs ${expected} elements for its shape, got ${elements.length}` }
  }
  if (datatype === 'FP16' || datatype === 'BF16') {
    return { ok: false, problem: `cannot be sent as JSON in ${datatype}: send it as binary data` }
  }
  const bytes = bytesOfElements(datatype, elements)
  return bytes === undefined
    ? { ok: false, problem: `has an element that is not a ${datatype} (${ELEMENT_WORDS[datatype]})` }
    : { ok: true, data: bytes }
}

function flatten(data: unknown, shape: readonly number[]): unknown[] | undefined {
  if (!Array.isArray(data)) return undefined
  if (!Array.isArray(data[0])) return data
  const flat: unknown[] = []
  return gather(data, shape, flat) ? flat : undefined
}

/** Nested data follow the shape, so a hostile depth ends with the shape's rank. */
function gather(data: unknown, shape: readonly number[], into: unknown[]): boolean {
  const [size, ...inner] = shape
  if (size === undefined || !Array.isArray(data) || data.length !== size) return false
  if (inner.length > 0) return data.every((part) => gather(part, inner, into))
  for (const element of data) into.push(element)
  return true
}

/**
 * Whether a tensor of 64-bit integers has an element that a double cannot hold exactly: then the JSON must be parsed
 * again with `parseExactly`.
 */
export const hasInexact = (tensors: unknown): boolean => Array.isArray(tensors) && tensors.some(isInexactTensor)

function isInexactTensor(tensor: unknown): boolean {
  const { datatype, data } = (tensor ?? {}) as { datatype?: unknown; data?: unknown }
  return (datatype === 'INT64' || datatype === 'UINT64') && isInexact(data)
}

const isInexact = (data: unknown): boolean =>
  Array.isArray(data) ? data.some(isInexact) : typeof data === 'number' && !Number.isSafeInteger(data)

/** 2^64 has 20 digits; a longer integer is out of range anyway, and turning a million digits into a BigInt is slow. */
const INTEGER = /^-?\d{1,20}$/

type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown
const parse = JSON.parse as (text: string, reviver: Reviver) => unknown

/** JSON.parse, with integers beyond 2^53 as BigInt. It is several times slower, so it is used only if one was seen. */
export const parseExactly = (text: string): unknown =>
  parse(text, (_, value, { source = '' }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && INTEGER.test(source) ? BigInt(source) : value,
  )

type Decoded = { ok: true; json: string } | Failure

/** The reason why JSON cannot carry this output; undefined if it can. */
export function jsonRefusal({ name, datatype, data }: RawTensor): Failure | undefined {
  if (datatype === 'FP16' || datatype === 'BF16')
    return fail('input_invalid', `output '${name}' is ${datatype}, which JSON cannot carry: ask for binary data`)
  if (datatype !== 'FP32' && datatype !== 'FP64') return undefined
  if (numbersOf(datatype, data).every(Number.isFinite)) return undefined
  return fail('output_not_finite', `output '${name}' has NaN or infinity, which JSON cannot carry: ask for binary data`)
}

/** The elements of an output as a flat JSON array. */
export function decodeJson(output: RawTensor): Decoded {
  const { datatype, data } = output
  const refusal = jsonRefusal(output)
  if (refusal) return refusal
  switch (datatype) {
    case 'FP16':
    case 'BF16':
      throw new Error(`${datatype} has no form in JSON`)
    case 'BYTES':
      return { ok: true, json: JSON.stringify(stringsOf(data)) }
    case 'BOOL':
      return { ok: true, json: `[${Array.from(data, (byte) => byte === 1).join(',')}]` }
    case 'INT64':
      return { ok: true, json: `[${viewOf(BigInt64Array, data).join(',')}]` }
    case 'UINT64':
      return { ok: true, json: `[${viewOf(BigUint64Array, data).join(',')}]` }
    case 'UINT8':
    case 'UINT16':
    case 'UINT32':
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'FP32':
    case 'FP64':
      return { ok: true, json: jsonOf(numbersOf(datatype, data)) }
    default:
      return assertNever(datatype)
  }
}

const numbersOf = (datatype: Numeric, data: Uint8Array<ArrayBuffer>) =>
  viewOf<Uint8Array | Float32Array>(ARRAY_OF[datatype] as typeof Uint8Array, data)

/**
 * JSON.stringify writes -0 as 0. With a point, parsers that know integers keep the sign, too: Python's reads -0 as 0.
 */
function jsonOf(values: Uint8Array | Float32Array): string {
  if (!values.some((value) => Object.is(value, -0))) return JSON.stringify(Array.from(values))
  return `[${Array.from(values, (value) => (Object.is(value, -0) ? '-0.0' : JSON.stringify(value))).join(',')}]`
}

type View<T> = { new (buffer: ArrayBuffer, byteOffset: number, length: number): T; BYTES_PER_ELEMENT: number }

function viewOf<T>(View: View<T>, data: Uint8Array<ArrayBuffer>): T {
  const size = View.BYTES_PER_ELEMENT
  const { buffer, byteOffset, byteLength } = data.byteOffset % size === 0 ? data : data.slice()
  return new View(buffer, byteOffset, byteLength / size)
}
