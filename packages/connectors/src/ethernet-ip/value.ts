/** EtherNet/IP value: what the controller says of a tag, and how one is written; types are the controller's, both ways. [CIP 1, C-5; 1756-PM020] */
import { badValue, tagValue, writtenParts } from '@skerry/connectors/value'
import { cipAddressOf } from '@skerry/contract/sources/cip-address'
import type { EthernetIpTag } from '@skerry/contract/sources/protocols/source-ethernet-ip'
import type { TagContent, TagValue } from '@skerry/contract/sources/tag'
import { unscaled } from '@skerry/core/tags/tag-scaling'
import { u32, viewOf } from './bytes.ts'

/** Data of a reply: the type, with the handle of a structure, and the bytes of all elements. */
export type Told = { type: Uint8Array; bytes: Uint8Array }

const STRUCTURE = 0x02a0

/** Undefined where it ends before its type does. */
export function toldIn(data: Uint8Array): Told | undefined {
  const length = data.length >= 2 && viewOf(data).getUint16(0, true) === STRUCTURE ? 4 : 2
  return data.length > length ? { type: data.subarray(0, length), bytes: data.subarray(length) } : undefined
}

type NumberKind = {
  bytes: 1 | 2 | 4 | 8
  /** Of an integer. */
  range?: readonly [min: number, max: number]
  read(view: DataView, at: number): number
  write(view: DataView, value: number): void
}

const signed = (bytes: NumberKind['bytes']) => [-(2 ** (8 * bytes - 1)), 2 ** (8 * bytes - 1) - 1] as const
const unsigned = (bytes: NumberKind['bytes']) => [0, 2 ** (8 * bytes) - 1] as const

const SINT: NumberKind = {
  bytes: 1,
  range: signed(1),
  read: (view, at) => view.getInt8(at),
  write: (view, value) => view.setInt8(0, value),
}
const INT: NumberKind = {
  bytes: 2,
  range: signed(2),
  read: (view, at) => view.getInt16(at, true),
  write: (view, value) => view.setInt16(0, value, true),
}
const DINT: NumberKind = {
  bytes: 4,
  range: signed(4),
  read: (view, at) => view.getInt32(at, true),
  write: (view, value) => view.setInt32(0, value, true),
}
const LINT: NumberKind = {
  bytes: 8,
  range: signed(8),
  read: (view, at) => Number(view.getBigInt64(at, true)),
  write: (view, value) => view.setBigInt64(0, BigInt(value), true),
}
const USINT: NumberKind = {
  bytes: 1,
  range: unsigned(1),
  read: (view, at) => view.getUint8(at),
  write: (view, value) => view.setUint8(0, value),
}
const UINT: NumberKind = {
  bytes: 2,
  range: unsigned(2),
  read: (view, at) => view.getUint16(at, true),
  write: (view, value) => view.setUint16(0, value, true),
}
const UDINT: NumberKind = {
  bytes: 4,
  range: unsigned(4),
  read: (view, at) => view.getUint32(at, true),
  write: (view, value) => view.setUint32(0, value, true),
}
const ULINT: NumberKind = {
  bytes: 8,
  range: unsigned(8),
  read: (view, at) => Number(view.getBigUint64(at, true)),
  write: (view, value) => view.setBigUint64(0, BigInt(value), true),
}
const REAL: NumberKind = {
  bytes: 4,
  read: (view, at) => view.getFloat32(at, true),
  write: (view, value) => view.setFloat32(0, value, true),
}
const LREAL: NumberKind = {
  bytes: 8,
  read: (view, at) => view.getFloat64(at, true),
  write: (view, value) => view.setFloat64(0, value, true),
}

const BOOL = 0xc1

/** [CIP 1, table C-6.1] Words of bits are integers without a sign. */
const NUMBERS: Readonly<Record<number, NumberKind>> = {
  194: SINT,
  195: INT,
  196: DINT,
  197: LINT,
  198: USINT,
  199: UINT,
  200: UDINT,
  201: ULINT,
  202: REAL,
  203: LREAL,
  209: USINT,
  210: UINT,
  211: UDINT,
  212: ULINT,
}

/** [1756-PM020] How the structure STRING is known: a length, 82 letters and two bytes that fill it. */
const STRING_HANDLE = 0x0fce
const STRING_BYTES = 88
const LENGTH_BYTES = 4
const LETTERS_MAX = 82

type Kind = { kind: 'bool' } | { kind: 'string' } | { kind: 'number'; number: NumberKind }

function kindOf(type: Uint8Array): Kind | undefined {
  const view = viewOf(type)
  const code = view.getUint16(0, true)
  if (code === STRUCTURE) return view.getUint16(2, true) === STRING_HANDLE ? { kind: 'string' } : undefined
  if (code === BOOL) return { kind: 'bool' }
  const number = NUMBERS[code]
  return number && { kind: 'number', number }
}

/** Whether values are made of it. */
export const isKnown = (type: Uint8Array): boolean => kindOf(type) !== undefined

function bytesOf(kind: Kind): number {
  if (kind.kind === 'number') return kind.number.bytes
  return kind.kind === 'bool' ? 1 : STRING_BYTES
}

export function readTold(tag: EthernetIpTag, { type, bytes }: Told, receivedTimeMs: number): TagValue {
  const bad = (code: string, message: string) => badValue(tag.name, { code, message }, receivedTimeMs)
  const kind = kindOf(type)
  if (!kind) return bad('type_wrong', 'it is a structure, or has an unknown type: name one of its members')
  if (bytes.length !== tag.count * bytesOf(kind)) {
    return bad(
      'answer_unreadable',
      `the controller sent ${bytes.length} bytes for ${tag.count} elements of ${bytesOf(kind)} bytes`,
    )
  }
  const bit = cipAddressOf(tag.address)?.bit
  if (bit !== undefined) {
    if (!isBitOf(kind, bit)) return bad('type_wrong', `it has no bit ${bit}`)
    return tagValue(tag, { value: bitAt(bytes, bit), isInexact: false }, receivedTimeMs)
  }
  const values = Array.from({ length: tag.count }, (_, index) => elementAt(kind, bytes, index))
  const isInexact = kind.kind === 'number' && kind.number.range !== undefined && !values.every(isExact)
  return tagValue(tag, { value: tag.count === 1 ? (values[0] ?? 0) : values, isInexact }, receivedTimeMs)
}

const isExact = (value: number | boolean | string) => Number.isSafeInteger(value)

function elementAt(kind: Kind, bytes: Uint8Array, index: number): number | boolean | string {
  const at = index * bytesOf(kind)
  if (kind.kind === 'bool') return bytes[at] !== 0
  if (kind.kind === 'number') return kind.number.read(viewOf(bytes), at)
  const letters = Math.min(viewOf(bytes).getUint32(at, true), LETTERS_MAX)
  // ISO 8859-1, as Studio 5000 shows it.
  return String.fromCharCode(...bytes.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + letters))
}

const bitAt = (bytes: Uint8Array, bit: number): boolean => (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1

const isBitOf = (kind: Kind, bit: number): boolean =>
  kind.kind === 'number' && kind.number.range !== undefined && bit < 8 * kind.number.bytes

/** The bytes of a value in a tag of a type, or of all elements of an array; undefined where it cannot stand there. */
export function bytesFor(tag: EthernetIpTag, type: Uint8Array, value: TagContent): Uint8Array | undefined {
  const kind = kindOf(type)
  const parts = kind && writtenParts(value, (one) => elementBytes(tag, kind, one))
  return parts?.length === tag.count ? Buffer.concat(parts) : undefined
}

function elementBytes(tag: EthernetIpTag, kind: Kind, value: number | boolean | string): Uint8Array | undefined {
  if (kind.kind === 'bool') return typeof value === 'boolean' ? Uint8Array.of(value ? 1 : 0) : undefined
  if (kind.kind === 'string') return typeof value === 'string' ? stringBytes(value) : undefined
  return typeof value === 'number' ? numberBytes(tag, kind.number, value) : undefined
}

function stringBytes(text: string): Uint8Array | undefined {
  const codes = [...text].map((letter) => letter.codePointAt(0) ?? 0)
  if (codes.length > LETTERS_MAX || codes.some((code) => code > 0xff)) return undefined
  const bytes = new Uint8Array(STRING_BYTES)
  bytes.set([...u32(codes.length), ...codes])
  return bytes
}

function numberBytes(tag: EthernetIpTag, number: NumberKind, value: number): Uint8Array | undefined {
  const { range } = number
  const raw = unscaled(value, tag, { isInteger: range !== undefined, held: 0 })
  if (raw === undefined || !fits(number, raw)) return undefined
  const bytes = new Uint8Array(number.bytes)
  number.write(viewOf(bytes), raw)
  return bytes
}

function fits({ range, bytes }: NumberKind, raw: number): boolean {
  if (range) return Number.isSafeInteger(raw) && raw >= range[0] && raw <= range[1]
  return bytes === 8 ? Number.isFinite(raw) : Number.isFinite(Math.fround(raw))
}

/** Whether the controller has what was written: every element of it. */
export function isHeld(held: Told, written: Uint8Array): boolean {
  const kind = kindOf(held.type)
  if (!kind || held.bytes.length !== written.length) return false
  const size = bytesOf(kind)
  return Array.from({ length: written.length / size }, (_, index) => index * size).every((at) =>
    isSame(kind, held.bytes.subarray(at, at + size), written.subarray(at, at + size)),
  )
}

function isSame(kind: Kind, held: Uint8Array, written: Uint8Array): boolean {
  if (kind.kind === 'bool') return (held[0] !== 0) === (written[0] !== 0)
  // What stands behind the letters of a text says nothing.
  const length = kind.kind === 'string' ? LENGTH_BYTES + viewOf(written).getUint32(0, true) : written.length
  return written.subarray(0, length).every((byte, at) => held[at] === byte)
}

/** How many bytes an integer takes that has this bit; undefined where it is none, or has not so many. */
export function bytesWithBit(type: Uint8Array, bit: number): number | undefined {
  const kind = kindOf(type)
  return kind && isBitOf(kind, bit) ? bytesOf(kind) : undefined
}

export const isBitSet = ({ bytes }: Told, bit: number): boolean => bitAt(bytes, bit)
