/**
 * GGUF reader: reads the values of a header, one after the other, within bounds. It allocates nothing by a length that
 * the file states: each length is compared with the remaining bytes first.
 */
import { decodeUtf8 } from '../values/utf8.ts'

/** The file is no GGUF file that this product loads. The message says why. */
export class GgufInvalid extends Error {}

/** More bytes of the file are needed. */
export class GgufIncomplete extends Error {}

export const GGUF_TYPES = {
  0: { name: 'uint8', bytes: 1 },
  1: { name: 'int8', bytes: 1 },
  2: { name: 'uint16', bytes: 2 },
  3: { name: 'int16', bytes: 2 },
  4: { name: 'uint32', bytes: 4 },
  5: { name: 'int32', bytes: 4 },
  6: { name: 'float32', bytes: 4 },
  7: { name: 'bool', bytes: 1 },
  10: { name: 'uint64', bytes: 8 },
  11: { name: 'int64', bytes: 8 },
  12: { name: 'float64', bytes: 8 },
} as const

const STRING = 8
const ARRAY = 9

/** The longest texts are templates of conversations, with some ten thousand characters. */
const STRING_BYTES_MAX = 1024 * 1024

/** The largest vocabularies have 262,144 tokens, and some more merges. */
const ARRAY_LENGTH_MAX = 4 * 1024 * 1024

/** A value of the header. Of an array only the length is kept: no fact needs its elements. */
export type GgufValue = number | boolean | string | { length: number; of: string }

export type GgufReader = {
  readonly at: number
  u32(): number
  /** A length or an offset. Larger numbers than 2^53 - 1 are rejected. */
  u64(): number
  text(bytesMax?: number): string
  value(): GgufValue
}

/** Reads from the start of the bytes. Throws `GgufInvalid` or `GgufIncomplete`. */
export function createGgufReader(bytes: Uint8Array): GgufReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const take = (count: number): number => {
    if (count > bytes.byteLength - at) throw new GgufIncomplete('the header is longer than the bytes')
    const from = at
    at += count
    return from
  }
  const u32 = () => view.getUint32(take(4), true)
  const u64 = () => {
    const value = view.getBigUint64(take(8), true)
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new GgufInvalid('a length is over 2^53')
    return Number(value)
  }
  const text = (bytesMax = STRING_BYTES_MAX) => {
    const length = u64()
    if (length > bytesMax) throw new GgufInvalid(`a text has ${length} bytes, over ${bytesMax}`)
    const from = take(length)
    const read = decodeUtf8(bytes.subarray(from, from + length))
    if (read === undefined) throw new GgufInvalid('a text is not UTF-8')
    return read
  }
  const array = () => {
    const type = u32()
    const length = u64()
    if (length > ARRAY_LENGTH_MAX) throw new GgufInvalid(`an array has ${length} elements, over ${ARRAY_LENGTH_MAX}`)
    if (type === STRING) {
      for (let count = 0; count < length; count++) {
        const size = u64()
        if (size > STRING_BYTES_MAX) throw new GgufInvalid(`a text has ${size} bytes, over ${STRING_BYTES_MAX}`)
        take(size)
      }
      return { length, of: 'string' }
    }
    const scalar = scalarType(type)
    take(length * scalar.bytes)
    return { length, of: scalar.name }
  }
  const value = (): GgufValue => {
    const type = u32()
    if (type === STRING) return text()
    if (type === ARRAY) return array()
    const { name, bytes: size } = scalarType(type)
    return readScalar(view, name, take(size))
  }
  return {
    get at() {
      return at
    },
    u32,
    u64,
    text,
    value,
  }
}

function scalarType(type: number): (typeof GGUF_TYPES)[keyof typeof GGUF_TYPES] {
  const found = Object.hasOwn(GGUF_TYPES, type) ? GGUF_TYPES[type as keyof typeof GGUF_TYPES] : undefined
  if (!found) throw new GgufInvalid(`a value has the type ${type}, which GGUF does not define here`)
  return found
}

function readScalar(view: DataView, name: (typeof GGUF_TYPES)[keyof typeof GGUF_TYPES]['name'], at: number) {
  switch (name) {
    case 'uint8':
      return view.getUint8(at)
    case 'int8':
      return view.getInt8(at)
    case 'uint16':
      return view.getUint16(at, true)
    case 'int16':
      return view.getInt16(at, true)
    case 'uint32':
      return view.getUint32(at, true)
    case 'int32':
      return view.getInt32(at, true)
    case 'float32':
      return view.getFloat32(at, true)
    case 'float64':
      return view.getFloat64(at, true)
    case 'uint64':
      return Number(view.getBigUint64(at, true))
    case 'int64':
      return Number(view.getBigInt64(at, true))
    case 'bool': {
      const byte = view.getUint8(at)
      if (byte > 1) throw new GgufInvalid('a bool has a byte other than 0 and 1')
      return byte === 1
    }
  }
}
