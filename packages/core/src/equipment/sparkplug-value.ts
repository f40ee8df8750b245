/** Sparkplug value: what the datatypes of a metric mean, both ways. [Sparkplug 3.0.0, 6.4.16] */
import type { TagContent } from '@skerry/contract/sources/tag'
import { decodeUtf8, encodeUtf8 } from '../values/utf8.ts'

/** As it stands in a message: 32 bits, 64 bits, or what JavaScript has for it. */
export type RawValue = { case: 'int'; value: number } | { case: 'long'; value: bigint } | PlainValue
type PlainValue =
  | { case: 'float' | 'double'; value: number }
  | { case: 'boolean'; value: boolean }
  | { case: 'string'; value: string }
  | { case: 'bytes'; value: Uint8Array }

export type MetricContent = { value: TagContent; isInexact: boolean }

export const DATATYPE = {
  int8: 1,
  int16: 2,
  int32: 3,
  int64: 4,
  uint8: 5,
  uint16: 6,
  uint32: 7,
  uint64: 8,
  float: 9,
  double: 10,
  boolean: 11,
  string: 12,
  dateTime: 13,
  text: 14,
  uuid: 15,
  bytes: 17,
  doubleArray: 31,
  booleanArray: 32,
  stringArray: 33,
} as const

/** The bits of signed integers; they are two's complement. */
const SIGNED: Readonly<Record<number, number>> = { 1: 8, 2: 16, 3: 32, 4: 64 }

/** Undefined where it is of a kind that is no value: data sets, files, templates. */
export function contentOf(datatype: number, raw: RawValue): MetricContent | undefined {
  if (raw.case === 'bytes') return arrayOf(datatype, raw.value)
  if (raw.case === 'int' || raw.case === 'long') return integerOf(datatype, BigInt(raw.value))
  return { value: raw.value, isInexact: false }
}

function integerOf(datatype: number, bits: bigint): MetricContent {
  const signed = SIGNED[datatype]
  const integer = signed === undefined ? bits : BigInt.asIntN(signed, bits)
  const value = Number(integer)
  return { value, isInexact: BigInt(value) !== integer }
}

type Element = [bytes: number, read: (view: DataView, at: number) => number | bigint]

/** [6.4.16.3] One after the other, the least significant byte first. */
const ELEMENTS: Readonly<Record<number, Element>> = {
  17: [1, (view, at) => view.getUint8(at)],
  22: [1, (view, at) => view.getInt8(at)],
  23: [2, (view, at) => view.getInt16(at, true)],
  24: [4, (view, at) => view.getInt32(at, true)],
  25: [8, (view, at) => view.getBigInt64(at, true)],
  26: [1, (view, at) => view.getUint8(at)],
  27: [2, (view, at) => view.getUint16(at, true)],
  28: [4, (view, at) => view.getUint32(at, true)],
  29: [8, (view, at) => view.getBigUint64(at, true)],
  30: [4, (view, at) => view.getFloat32(at, true)],
  31: [8, (view, at) => view.getFloat64(at, true)],
  34: [8, (view, at) => view.getBigInt64(at, true)],
}

function arrayOf(datatype: number, bytes: Uint8Array): MetricContent | undefined {
  if (datatype === DATATYPE.booleanArray) return flagsOf(bytes)
  if (datatype === DATATYPE.stringArray) return stringsOf(bytes)
  const [size, read] = ELEMENTS[datatype] ?? []
  if (size === undefined || read === undefined || bytes.length % size !== 0) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const elements = Array.from({ length: bytes.length / size }, (_, index) => read(view, index * size))
  const isInexact = elements.some((element) => typeof element === 'bigint' && BigInt(Number(element)) !== element)
  return { value: elements.map(Number), isInexact }
}

/** Their number in four bytes, then eight in each byte, the first in its most significant bit. */
function flagsOf(bytes: Uint8Array): MetricContent | undefined {
  if (bytes.length < 4) return undefined
  const count = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true)
  if (bytes.length !== 4 + Math.ceil(count / 8)) return undefined
  const flagAt = (index: number) => (((bytes[4 + (index >> 3)] ?? 0) >> (7 - (index % 8))) & 1) === 1
  return { value: Array.from({ length: count }, (_, index) => flagAt(index)), isInexact: false }
}

/** Each ends with a zero. */
function stringsOf(bytes: Uint8Array): MetricContent | undefined {
  const text = decodeUtf8(bytes)
  return text === undefined ? undefined : { value: text.split('\0').slice(0, -1), isInexact: false }
}

const INTEGERS: Readonly<Record<number, [min: bigint, max: bigint]>> = {
  1: [-(2n ** 7n), 2n ** 7n - 1n],
  2: [-(2n ** 15n), 2n ** 15n - 1n],
  3: [-(2n ** 31n), 2n ** 31n - 1n],
  4: [-(2n ** 63n), 2n ** 63n - 1n],
  5: [0n, 2n ** 8n - 1n],
  6: [0n, 2n ** 16n - 1n],
  7: [0n, 2n ** 32n - 1n],
  8: [0n, 2n ** 64n - 1n],
  13: [0n, 2n ** 64n - 1n],
}

/** Those that stand in 64 bits. [6.4.6] 32 bits without a sign do, too, in some implementations; in ours they stand in 32. */
const LONG = [4, 8, 13]

/** Undefined where the type has no room for the value. */
export function rawOf(datatype: number, value: TagContent): RawValue | undefined {
  if (Array.isArray(value)) return rawArrayOf(datatype, value)
  if (typeof value === 'boolean') return datatype === DATATYPE.boolean ? { case: 'boolean', value } : undefined
  if (typeof value === 'string') {
    return [12, 14, 15].includes(datatype) ? { case: 'string', value } : undefined
  }
  if (datatype === DATATYPE.float) return { case: 'float', value }
  if (datatype === DATATYPE.double) return { case: 'double', value }
  const [min, max] = INTEGERS[datatype] ?? []
  if (min === undefined || max === undefined || !Number.isFinite(value)) return undefined
  const integer = BigInt(Math.round(value))
  if (integer < min || integer > max) return undefined
  if (LONG.includes(datatype)) return { case: 'long', value: BigInt.asUintN(64, integer) }
  return { case: 'int', value: Number(BigInt.asUintN(32, integer)) }
}

function rawArrayOf(datatype: number, values: readonly (number | boolean | string)[]): RawValue | undefined {
  if (datatype === DATATYPE.doubleArray) {
    const view = new DataView(new ArrayBuffer(values.length * 8))
    for (const [index, value] of values.entries()) view.setFloat64(index * 8, Number(value), true)
    return { case: 'bytes', value: new Uint8Array(view.buffer) }
  }
  if (datatype === DATATYPE.stringArray) {
    const bytes = encodeUtf8(values.map((value) => `${String(value).replaceAll('\0', '')}\0`).join(''))
    return bytes && { case: 'bytes', value: bytes }
  }
  if (datatype !== DATATYPE.booleanArray) return undefined
  const bytes = new Uint8Array(4 + Math.ceil(values.length / 8))
  new DataView(bytes.buffer).setUint32(0, values.length, true)
  for (const [index, value] of values.entries()) {
    const at = 4 + (index >> 3)
    if (value === true) bytes[at] = (bytes[at] ?? 0) | (1 << (7 - (index % 8)))
  }
  return { case: 'bytes', value: bytes }
}

/** The type of a metric that is given such values. */
export function datatypeOf(value: TagContent): number {
  if (!Array.isArray(value))
    return SCALAR[typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'string']
  if (value.every((part) => typeof part === 'number')) return DATATYPE.doubleArray
  return value.every((part) => typeof part === 'boolean') ? DATATYPE.booleanArray : DATATYPE.stringArray
}

const SCALAR = { number: DATATYPE.double, boolean: DATATYPE.boolean, string: DATATYPE.string } as const
