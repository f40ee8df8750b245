/** S7 write: one tag by one request, with its scaling reversed. The tag is read again afterwards. */
import type { WriteOutcome, WriteProblem } from '@skerry/connectors/session'
import { writtenParts } from '@skerry/connectors/value'
import type { S7Tag } from '@skerry/contract/sources/protocols/source-s7'
import type { TagContent } from '@skerry/contract/sources/tag'
import { encodeRegisters, numberReader } from '@skerry/core/equipment/register-codec'
import { unscaled } from '@skerry/core/tags/tag-scaling'
import { type BlockPlace, placeOf, writeProblem } from './address.ts'
import { refusalCause } from './exceptions.ts'
import type { Item, ItemAnswer } from './frame.ts'
import { bitAt, REGISTER_TYPES } from './value.ts'
import type { Requests } from './wire.ts'

/** The bytes to write, and their place. */
type Order = { item: Item; bytes: Uint8Array }

/**
 * Writes a tag. A bit is written alone. A tag with a mask, or with several bits that do not fill their bytes, is read,
 * changed and written. A change by the program in those bytes between the two is lost.
 */
export async function writeTag(
  wire: Requests,
  tag: S7Tag,
  value: TagContent,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const place = placeOf(tag)
  const problem = writeProblem(place, wire.pdu)
  if (problem !== undefined) return refused('write_refused', problem)
  const held = needsHeld(tag, place) ? await readOne(wire, itemOf(place), signal) : undefined
  if (held && !held.ok) return refused('write_refused', refusalCause(held.code).message)
  const order = orderOf(tag, place, value, held?.bytes)
  if (!order) return refused('tag_type', `${JSON.stringify(value)} does not fit this tag`)
  const written = await wire.write(order.item, order.bytes, signal)
  if (!written.ok) return refused('write_refused', refusalCause(written.code).message)
  if (!tag.write?.verify) return { ok: true }
  const { bit, ...whole } = order.item
  const after = await readOne(wire, whole, signal)
  if (!after.ok)
    return refused(
      'write_unverified',
      `the value was written, but cannot be read back: ${refusalCause(after.code).message}`,
    )
  const isSame = bit === undefined ? isHeld(tag, place, order, after.bytes) : bitAt(after.bytes, bit) === value
  return isSame ? { ok: true } : refused('write_unverified', 'the value was written, but the CPU has another value now')
}

const itemOf = ({ area, db, start, length }: BlockPlace): Item => ({ area, db, start, length })

async function readOne(wire: Requests, item: Item, signal: AbortSignal): Promise<ItemAnswer> {
  const [answer] = await wire.read([item], signal)
  return answer ?? { ok: false, code: 0 }
}

/** A string itself contains its longest length. */
const needsHeld = ({ mask, shift, count }: S7Tag, { type, bit }: BlockPlace) =>
  type === 'string' ||
  mask !== undefined ||
  shift !== undefined ||
  (type === 'bool' && count > 1 && (bit !== 0 || count % 8 !== 0))

function orderOf(tag: S7Tag, place: BlockPlace, value: TagContent, held: Uint8Array | undefined): Order | undefined {
  const item = itemOf(place)
  if (place.type === 'bool' && tag.count > 1) return bitsOrder(tag, place, value, held)
  if (place.type === 'bool') {
    if (typeof value !== 'boolean' || place.bit === undefined) return undefined
    return { item: { ...item, bit: place.bit }, bytes: Uint8Array.of(value ? 1 : 0) }
  }
  if (place.type === 'string') return typeof value === 'string' ? stringOrder(item, value, held?.[0] ?? 0) : undefined
  const bytes = numberBytes(tag, place, value, held)
  return bytes && { item, bytes }
}

/** The bits beside them stay unchanged. */
function bitsOrder(tag: S7Tag, place: BlockPlace, value: TagContent, held: Uint8Array = new Uint8Array(place.length)) {
  const areOn = writtenParts(value, (one) => (typeof one === 'boolean' ? one : undefined))
  if (areOn?.length !== tag.count) return undefined
  const bytes = Uint8Array.from(held)
  for (const [index, isOn] of areOn.entries()) {
    const at = (place.bit ?? 0) + index
    const bit = 1 << (at & 7)
    bytes[at >> 3] = isOn ? (bytes[at >> 3] ?? 0) | bit : (bytes[at >> 3] ?? 0) & ~bit
  }
  return { item: itemOf(place), bytes }
}

/** The longest length stays as the program set it. The current length is written with the letters. */
function stringOrder(item: Item, text: string, lettersMax: number): Order | undefined {
  const codes = [...text].map((letter) => letter.codePointAt(0) ?? 0)
  if (codes.length > Math.min(lettersMax, item.length - 2) || codes.some((code) => code > 0xff)) return undefined
  return {
    item: { ...item, start: item.start + 1, length: codes.length + 1 },
    bytes: Uint8Array.of(codes.length, ...codes),
  }
}

function numberBytes(
  tag: S7Tag,
  { type }: BlockPlace,
  value: TagContent,
  held: Uint8Array | undefined,
): Uint8Array | undefined {
  const isInteger = type !== 'real' && type !== 'lreal'
  const before = held ? heldNumber(type, held) : 0
  const raw = writtenParts(value, (one) =>
    typeof one === 'number' ? unscaled(one, tag, { isInteger, held: before }) : undefined,
  )
  if (raw?.length !== tag.count) return undefined
  const registers = REGISTER_TYPES[type]
  if (registers) return encodeRegisters({ type: registers, order: 'ABCD', count: tag.count }, raw)
  return raw.every(isByte) ? Uint8Array.from(raw) : undefined
}

const isByte = (raw: number) => Number.isInteger(raw) && raw >= 0 && raw <= 0xff

function heldNumber(type: BlockPlace['type'], held: Uint8Array): number {
  const registers = REGISTER_TYPES[type]
  return registers
    ? numberReader(registers, 'ABCD')(new DataView(held.buffer, held.byteOffset, held.byteLength), 0)
    : (held[0] ?? 0)
}

/** Whether the CPU has the written value. For bits, only those bits count. */
function isHeld({ count }: S7Tag, { type, bit = 0 }: BlockPlace, { bytes }: Order, after: Uint8Array): boolean {
  if (type !== 'bool') return after.length === bytes.length && after.every((byte, index) => byte === bytes[index])
  return Array.from({ length: count }, (_, index) => bit + index).every((at) => bitAt(after, at) === bitAt(bytes, at))
}

const refused = (code: WriteProblem, message: string): WriteOutcome => ({ ok: false, code, message })
