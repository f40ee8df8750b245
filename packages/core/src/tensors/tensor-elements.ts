/**
 * Tensor elements: between the elements of a tensor, as JSON and people write them, and its raw little-endian bytes. Exactly: no integer is
 * rounded, nothing is guessed.
 */
import { type Datatype, ELEMENT_BYTES } from '@skerry/contract/models/tensor'
import { assertNever } from '../values/assert-never.ts'
import { decodeUtf8, encodeUtf8 } from '../values/utf8.ts'

/** One element; integers of 64 bits are BigInt, so that they keep all their bits. */
export type Element = number | bigint | boolean | string

/** Types whose elements are JavaScript numbers, in an array of their own. */
export type Numeric = Exclude<Datatype, 'BOOL' | 'BYTES' | 'FP16' | 'BF16' | 'INT64' | 'UINT64'>

export const ARRAY_OF = {
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const

const RANGE_64 = {
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
  UINT64: [0n, 2n ** 64n - 1n],
} as const

/** What an element of the type is, in words. */
export const ELEMENT_WORDS: Readonly<Record<Datatype, string>> = {
  BOOL: 'true or false',
  UINT8: 'an integer from 0 to 255',
  UINT16: 'an integer from 0 to 65535',
  UINT32: 'an integer from 0 to 2^32 - 1',
  UINT64: 'an integer from 0 to 2^64 - 1',
  INT8: 'an integer from -128 to 127',
  INT16: 'an integer from -32768 to 32767',
  INT32: 'an integer from -2^31 to 2^31 - 1',
  INT64: 'an integer from -2^63 to 2^63 - 1',
  FP16: 'raw bytes only',
  BF16: 'raw bytes only',
  FP32: 'a number within single precision',
  FP64: 'a number within double precision',
  BYTES: 'a string of Unicode characters',
}

/** The bytes; undefined where an element is not of the type, or the type cannot be written in JSON. */
export function bytesOfElements(datatype: Datatype, elements: readonly unknown[]): Uint8Array<ArrayBuffer> | undefined {
  switch (datatype) {
    case 'FP16':
    case 'BF16':
      return undefined
    case 'BYTES':
      return bytesOfTexts(elements)
    case 'BOOL':
      return elements.every(isTruth) ? Uint8Array.from(elements, Number) : undefined
    case 'INT64':
    case 'UINT64':
      return encode64(datatype, elements)
    case 'UINT8':
    case 'UINT16':
    case 'UINT32':
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'FP32':
    case 'FP64':
      return encodeNumbers(datatype, elements)
    default:
      return assertNever(datatype)
  }
}

const isTruth = (element: unknown) => typeof element === 'boolean' || element === 0 || element === 1

function encode64(datatype: 'INT64' | 'UINT64', elements: readonly unknown[]): Uint8Array<ArrayBuffer> | undefined {
  const [least, most] = RANGE_64[datatype]
  const values = new BigInt64Array(elements.length)
  for (let at = 0; at < elements.length; at++) {
    const element = elements[at]
    if (typeof element !== 'bigint' && !Number.isSafeInteger(element)) return undefined
    const value = BigInt(element as number | bigint)
    if (value < least || value > most) return undefined
    values[at] = value
  }
  return new Uint8Array(values.buffer)
}

function encodeNumbers(datatype: Numeric, elements: readonly unknown[]): Uint8Array<ArrayBuffer> | undefined {
  const values = new ARRAY_OF[datatype](elements.length)
  const isFloat = datatype === 'FP32' || datatype === 'FP64'
  for (let at = 0; at < elements.length; at++) {
    // A body that was parsed exactly for another tensor's sake has BigInts here too.
    const element = typeof elements[at] === 'bigint' ? Number(elements[at]) : elements[at]
    if (typeof element !== 'number') return undefined
    values[at] = element
    // What did not survive as an integer was out of range or had a fraction; a float that overflowed became infinite.
    if (isFloat ? !Number.isFinite(values[at]) : values[at] !== element) return undefined
  }
  return new Uint8Array(values.buffer)
}

const HALF_MAX = 65_504

/**
 * The bytes of numbers that were computed, such as the pixels of a picture: rounded to what the type holds, and held to its range.
 * Undefined for types that hold no numbers.
 */
export function bytesOfNumbers(datatype: Datatype, values: ArrayLike<number>): Uint8Array<ArrayBuffer> | undefined {
  if (datatype === 'FP32' || datatype === 'FP64') return new Uint8Array(new ARRAY_OF[datatype](values).buffer)
  if (datatype === 'FP16' || datatype === 'BF16') {
    const bitsOf = datatype === 'FP16' ? halfOfNumber : brainOfNumber
    return new Uint8Array(Uint16Array.from(values, bitsOf).buffer)
  }
  if (datatype === 'BOOL' || datatype === 'BYTES') return undefined
  const bits = 8 * ELEMENT_BYTES[datatype]
  const [least, most] = datatype.startsWith('U') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]
  const held = (value: number) => Math.min(most, Math.max(least, Math.round(value)))
  // 2^63 - 1 is no double: what is as large would come out one too high.
  if (datatype === 'INT64' || datatype === 'UINT64') {
    const [lowest, highest] = RANGE_64[datatype]
    const integers = BigInt64Array.from(values, (value) => {
      const integer = BigInt(held(value))
      return integer > highest ? highest : integer < lowest ? lowest : integer
    })
    return new Uint8Array(integers.buffer)
  }
  return new Uint8Array(ARRAY_OF[datatype].from(Array.from(values, held)).buffer)
}

/** [IEEE 754] Rounded to the nearest, ties to even. */
function halfOfNumber(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const size = Math.abs(value)
  if (Number.isNaN(value)) return 0x7e00
  // Half of the last step above the largest is rounded up to infinity.
  if (size >= HALF_MAX + 16) return sign | 0x7c00
  const exponent = size < 2 ** -14 ? -14 : Math.floor(Math.log2(size))
  const steps = roundToEven(size / 2 ** (exponent - 10))
  // Steps carry into the exponent where they reach the next power of two, which is what adding does.
  return sign | (size < 2 ** -14 ? steps : ((exponent + 15) << 10) + (steps - 1_024))
}

function brainOfNumber(value: number): number {
  float.setFloat32(0, value)
  const bits = float.getUint32(0)
  return Number.isNaN(value) ? 0x7fc0 : roundToEven(bits / 0x10000) & 0xffff
}

function roundToEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  if (rest !== 0.5) return rest > 0.5 ? below + 1 : below
  return below % 2 === 0 ? below : below + 1
}

/** [Open Inference Protocol V2, BYTES] A u32 length, little-endian, before the bytes of each element. */
function bytesOfTexts(elements: readonly unknown[]): Uint8Array<ArrayBuffer> | undefined {
  const parts: Uint8Array[] = []
  let size = 0
  for (const element of elements) {
    const bytes = typeof element === 'string' ? encodeUtf8(element) : undefined
    if (!bytes) return undefined
    parts.push(bytes)
    size += 4 + bytes.byteLength
  }
  const joined = new Uint8Array(size)
  const view = new DataView(joined.buffer)
  let at = 0
  for (const part of parts) {
    view.setUint32(at, part.byteLength, true)
    joined.set(part, at + 4)
    at += 4 + part.byteLength
  }
  return joined
}

/** The elements of a tensor whose bytes fit its type; undefined where they do not. */
export function elementsOfBytes(datatype: Datatype, data: Uint8Array): Element[] | undefined {
  if (datatype === 'BYTES') return textsOf(data)
  const count = data.byteLength / ELEMENT_BYTES[datatype]
  if (!Number.isInteger(count)) return undefined
  const at = elementReader(datatype, data)
  if (datatype === 'BOOL') return Array.from({ length: count }, (_, index) => at(index) === 1)
  return Array.from({ length: count }, (_, index) => at(index))
}

function textsOf(data: Uint8Array): string[] | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const texts: string[] = []
  for (let at = 0; at < data.byteLength; ) {
    if (at + 4 > data.byteLength) return undefined
    const end = at + 4 + view.getUint32(at, true)
    const text = end > data.byteLength ? undefined : decodeUtf8(data.subarray(at + 4, end))
    if (text === undefined) return undefined
    texts.push(text)
    at = end
  }
  return texts
}

/** The fewest digits that are the same FP32: `43.39` for what a double calls 43.38999938964844. */
export function shortFloat(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Object.is(Math.fround(short), value)) return short
  }
  return value
}

/** Reads the number at an index; integers of 64 bits as BigInt. Of BYTES it gives the bytes. */
export function elementReader(datatype: Datatype, data: Uint8Array): (index: number) => number | bigint {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const readers: Readonly<Record<Datatype, (index: number) => number | bigint>> = {
    BOOL: (index) => (view.getUint8(index) === 0 ? 0 : 1),
    UINT8: (index) => view.getUint8(index),
    INT8: (index) => view.getInt8(index),
    UINT16: (index) => view.getUint16(index * 2, true),
    INT16: (index) => view.getInt16(index * 2, true),
    FP16: (index) => halfToNumber(view.getUint16(index * 2, true)),
    BF16: (index) => brainToNumber(view.getUint16(index * 2, true)),
    UINT32: (index) => view.getUint32(index * 4, true),
    INT32: (index) => view.getInt32(index * 4, true),
    FP32: (index) => view.getFloat32(index * 4, true),
    UINT64: (index) => view.getBigUint64(index * 8, true),
    INT64: (index) => view.getBigInt64(index * 8, true),
    FP64: (index) => view.getFloat64(index * 8, true),
    BYTES: (index) => view.getUint8(index),
  }
  return readers[datatype]
}

/** [IEEE 754] binary16: 1 sign, 5 exponent, 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

const float = new DataView(new ArrayBuffer(4))

/** BF16 is the upper half of a binary32. */
function brainToNumber(bits: number): number {
  float.setUint32(0, bits << 16)
  return float.getFloat32(0)
}
