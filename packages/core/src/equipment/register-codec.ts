/**
 * Register codec: numbers and strings to and from the 16-bit registers of industrial equipment. Bytes stand as on the wire, two a register. Which byte
 * of a number stands where differs from maker to maker; turning them is its own inverse in all four orders.
 */
import type { ByteOrder, RegisterType } from '@skerry/contract/sources/protocols/source-modbus'
import type { TagContent } from '@skerry/contract/sources/tag'

export type RegisterNumber = Exclude<RegisterType, 'bool' | 'string'>

/** What stands in registers. */
export type Encoding = { type: RegisterNumber; order: ByteOrder; count: number } | StringEncoding
type StringEncoding = { type: 'string'; order: ByteOrder; bytes: number }

type Codec = {
  bytes: 2 | 4 | 8
  read(view: DataView, at: number): number
  write(view: DataView, value: number): void
}

/** Once the bytes stand most significant first, as DataView has them where nothing else is said. */
const CODECS: Readonly<Record<RegisterNumber, Codec>> = {
  int16: { bytes: 2, read: (view, at) => view.getInt16(at), write: (view, value) => view.setInt16(0, value) },
  uint16: { bytes: 2, read: (view, at) => view.getUint16(at), write: (view, value) => view.setUint16(0, value) },
  int32: { bytes: 4, read: (view, at) => view.getInt32(at), write: (view, value) => view.setInt32(0, value) },
  uint32: { bytes: 4, read: (view, at) => view.getUint32(at), write: (view, value) => view.setUint32(0, value) },
  int64: {
    bytes: 8,
    read: (view, at) => Number(view.getBigInt64(at)),
    write: (view, value) => view.setBigInt64(0, BigInt(value)),
  },
  uint64: {
    bytes: 8,
    read: (view, at) => Number(view.getBigUint64(at)),
    write: (view, value) => view.setBigUint64(0, BigInt(value)),
  },
  float32: { bytes: 4, read: (view, at) => view.getFloat32(at), write: (view, value) => view.setFloat32(0, value) },
  float64: { bytes: 8, read: (view, at) => view.getFloat64(at), write: (view, value) => view.setFloat64(0, value) },
}

/** How many registers it takes. */
export function registersOf(encoding: Encoding): number {
  return encoding.type === 'string' ? Math.ceil(encoding.bytes / 2) : (CODECS[encoding.type].bytes * encoding.count) / 2
}

/** `isInexact`: an integer beyond 2^53 that no number of ours holds to the last digit. */
export type Decoded = { value: TagContent; isInexact: boolean }

/** Reads what the registers hold; `bytes` are exactly theirs. */
export function decodeRegisters(encoding: Encoding, bytes: Uint8Array): Decoded {
  if (encoding.type === 'string') return { value: readString(encoding, bytes), isInexact: false }
  const codec = CODECS[encoding.type]
  const size = codec.bytes
  const values: number[] = []
  for (let at = 0; at < size * encoding.count; at += size) {
    values.push(codec.read(viewOf(turned(bytes.subarray(at, at + size), encoding.order)), 0))
  }
  const isInexact = size === 8 && encoding.type !== 'float64' && values.some((value) => !Number.isSafeInteger(value))
  return { value: encoding.count === 1 ? (values[0] ?? Number.NaN) : values, isInexact }
}

/** Reads the number at a byte of an answer; faster than `decodeRegisters` where there are very many. */
export type NumberReader = (view: DataView, at: number) => number

/** For a single number; integers of 64 bits may be inexact. */
export function numberReader(type: RegisterNumber, order: ByteOrder): NumberReader {
  if (order === 'ABCD') return CODECS[type].read
  const name = `${type} ${order}`
  const reader = turnedReaders.get(name) ?? turnedReader(type, order)
  turnedReaders.set(name, reader)
  return reader
}

/** The same for all numbers of a type and an order, since there may be 100,000 of them. */
const turnedReaders = new Map<string, NumberReader>()

function turnedReader(type: RegisterNumber, order: ByteOrder): NumberReader {
  const codec = CODECS[type]
  const scratch = new DataView(new ArrayBuffer(codec.bytes))
  const from = turned(
    Uint8Array.from({ length: codec.bytes }, (_, index) => index),
    order,
  )
  return (view, at) => {
    for (const [place, byte] of from.entries()) scratch.setUint8(place, view.getUint8(at + byte))
    return codec.read(scratch, 0)
  }
}

/** The bytes of the registers that hold the value, or all values of an array; undefined where the type cannot hold them. */
export function encodeRegisters(
  encoding: Encoding,
  value: number | string | readonly number[],
): Uint8Array | undefined {
  if (encoding.type === 'string') return typeof value === 'string' ? writeString(encoding, value) : undefined
  if (typeof value === 'string') return undefined
  const { type, order, count } = encoding
  const numbers = typeof value === 'number' ? [value] : value
  if (numbers.length !== count || !numbers.every((number) => fitsNumber(type, number))) return undefined
  const size = CODECS[type].bytes
  const bytes = new Uint8Array(size * count)
  for (const [index, number] of numbers.entries()) {
    const one = new Uint8Array(size)
    CODECS[type].write(viewOf(one), number)
    bytes.set(turned(one, order), index * size)
  }
  return bytes
}

/** Whether the type holds the number, to the last digit where it is an integer. */
export function fitsNumber(type: RegisterNumber, value: number): boolean {
  if (type === 'float64') return true
  if (type === 'float32') return !Number.isFinite(value) || Number.isFinite(Math.fround(value))
  if (!Number.isSafeInteger(value)) return false
  const bits = CODECS[type].bytes * 8
  return type.startsWith('u') ? value >= 0 && value < 2 ** bits : value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1)
}

/** In place of ABCD the bytes of each value as the order has them. */
function turned(bytes: Uint8Array, order: ByteOrder): Uint8Array {
  const isByteSwapped = order === 'BADC' || order === 'DCBA'
  const isWordSwapped = order === 'CDAB' || order === 'DCBA'
  if (!isByteSwapped && !isWordSwapped) return bytes
  const result = new Uint8Array(bytes.length)
  const words = bytes.length / 2
  for (let word = 0; word < words; word += 1) {
    const from = 2 * (isWordSwapped ? words - 1 - word : word)
    result[2 * word] = bytes[from + (isByteSwapped ? 1 : 0)] ?? 0
    result[2 * word + 1] = bytes[from + (isByteSwapped ? 0 : 1)] ?? 0
  }
  return result
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Strings have no words to swap, but makers that swap bytes swap those of strings, too. */
const stringOrder = (order: ByteOrder): ByteOrder => (order === 'BADC' || order === 'DCBA' ? 'BADC' : 'ABCD')

/** ISO 8859-1, up to the first NUL; PLCs fill with NULs or blanks. */
function readString({ order, bytes: length }: StringEncoding, bytes: Uint8Array): string {
  const codes = [...turned(bytes, stringOrder(order)).subarray(0, length)]
  const end = codes.indexOf(0)
  return String.fromCharCode(...(end === -1 ? codes : codes.slice(0, end))).trimEnd()
}

function writeString(encoding: StringEncoding, text: string): Uint8Array | undefined {
  const codes = [...text].map((letter) => letter.codePointAt(0) ?? 0)
  if (codes.length > encoding.bytes || codes.some((code) => code === 0 || code > 0xff)) return undefined
  const bytes = new Uint8Array(registersOf(encoding) * 2)
  bytes.set(codes)
  return turned(bytes, stringOrder(encoding.order))
}
