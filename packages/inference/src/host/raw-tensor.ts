/**
 * Raw tensors: the one form that every door (REST JSON, REST binary, gRPC, golden cases) turns its tensors into. Elements
 * are little-endian and row-major, BOOL is one byte, BYTES is a u32 length and the bytes for each element.
 */

import { isUtf8 } from 'node:buffer'
import { type Datatype, ELEMENT_BYTES, type Tensor } from '@skerry/contract/models/tensor'

/** `data` belongs to the tensor's request alone: a large one is moved to the worker, and gone from here afterwards. */
export type RawTensor = { name: string; datatype: Datatype; shape: number[]; data: Uint8Array<ArrayBuffer> }

/** Narrows a name from outside to a data type. */
export const isDatatype = (name: string): name is Datatype => Object.hasOwn(ELEMENT_BYTES, name)

/** How many elements a shape holds; past 2^53 it is no longer exact, and larger than any body that could carry it. */
export function elementCount(shape: readonly number[]): number {
  let count = 1
  for (const size of shape) count *= size
  return count
}

/** Each becomes a JavaScript string in the worker, twice: a million keep its heap under the limit in instance.ts. */
const STRINGS_MAX = 1_000_000

/** What is wrong with a tensor's bytes, in words that end a sentence about it; undefined when they fit its shape. */
export function bytesProblem({ datatype, shape, data }: RawTensor): string | undefined {
  const expected = elementCount(shape)
  if (datatype === 'BYTES') return stringsProblem(data, expected)
  const size = expected * ELEMENT_BYTES[datatype]
  if (data.byteLength !== size) return `needs ${size} bytes for its shape, got ${data.byteLength}`
  if (datatype === 'BOOL' && data.some((byte) => byte > 1)) return 'has a BOOL byte other than 0 and 1'
  return undefined
}

const UNCARRIED = 'which the runtime cannot carry: send text, such as base64, to a model that decodes it'

function stringsProblem(data: Uint8Array, expected: number): string | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  let count = 0
  if (expected > STRINGS_MAX) return `has more than ${STRINGS_MAX} BYTES elements: send fewer at a time`
  for (let at = 0; at < data.byteLength; count++) {
    if (at + 4 > data.byteLength) return 'ends inside the length of a BYTES element'
    const end = at + 4 + view.getUint32(at, true)
    if (end > data.byteLength) return 'has a BYTES element that reaches past its end'
    const element = data.subarray(at + 4, end)
    // The runtime's Node binding carries strings as JavaScript's, and cuts them at a zero byte: refuse what it would alter.
    if (!isUtf8(element)) return `has a BYTES element that is not UTF-8, ${UNCARRIED}`
    if (element.includes(0)) return `has a BYTES element with a zero byte, ${UNCARRIED}`
    at = end
  }
  return count === expected ? undefined : `needs ${expected} BYTES elements for its shape, got ${count}`
}

/** Splits a valid BYTES tensor into its elements, as views. */
export function splitBytes(data: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const elements: Uint8Array<ArrayBuffer>[] = []
  for (let at = 0; at < data.byteLength; ) {
    const end = at + 4 + view.getUint32(at, true)
    elements.push(data.subarray(at + 4, end))
    at = end
  }
  return elements
}

/** Joins elements into a BYTES tensor's data. */
export function joinBytes(elements: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(elements.reduce((sum, element) => sum + 4 + element.byteLength, 0))
  const view = new DataView(joined.buffer)
  let at = 0
  for (const element of elements) {
    view.setUint32(at, element.byteLength, true)
    joined.set(element, at + 4)
    at += 4 + element.byteLength
  }
  return joined
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The strings of a valid BYTES tensor. */
export const stringsOf = (data: Uint8Array<ArrayBuffer>): string[] => splitBytes(data).map((it) => decoder.decode(it))

/** The data of a BYTES tensor that holds these strings. */
export const bytesOfStrings = (strings: readonly string[]): Uint8Array<ArrayBuffer> =>
  joinBytes(strings.map((it) => encoder.encode(it)))

/** A copy in a buffer of its own: aligned, and safe to move. */
export function copyBytes(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(data.byteLength)
  copy.set(data)
  return copy
}

/** A tensor as the contract writes it, read. */
export const fromContract = (name: string, { datatype, shape, data }: Tensor): RawTensor => ({
  name,
  datatype,
  shape,
  data: copyBytes(Buffer.from(data, 'base64')),
})

/** A tensor as the contract writes it. */
export const toContract = ({ datatype, shape, data }: RawTensor): Tensor => ({
  datatype,
  shape,
  data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
})
