/** S7 write: one tag, the way back through its scaling, and read again afterwards. */
import type { WriteOutcome, WriteProblem } from '@skerry/connectors/session'
import type { S7Tag } from '@skerry/contract/source-s7'
import type { TagContent } from '@skerry/contract/tag'
import { encodeRegisters, fitsNumber, numberReader } from '@skerry/core/register-codec'
import { unscaled } from '@skerry/core/tag-scaling'
import { type Place, placeOf, placeProblem } from './address.ts'
import { refusalCause } from './exceptions.ts'
import type { Item, ItemAnswer } from './frame.ts'
import { REGISTER_TYPES } from './value.ts'
import type { Requests } from './wire.ts'

/** What is to stand where. */
type Order = { item: Item; bytes: Uint8Array }

/**
 * Writes. A bit is written alone. What has a mask is read, changed and written: what the program changes in it between the two is lost.
 */
export async function writeTag(
  wire: Requests,
  tag: S7Tag,
  value: TagContent,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const place = placeOf(tag)
  const problem = placeProblem(place, wire.pdu - WRITE_MORE)
  if (problem !== undefined) return refused('write_refused', problem)
  const held = needsHeld(tag, place) ? await readOne(wire, itemOf(place), signal) : undefined
  if (held && !held.ok) return refused('write_refused', refusalCause(held.code).message)
  const order = orderOf(tag, place, value, held?.bytes)
  if (!order) return refused('tag_type', `${JSON.stringify(value)} cannot stand in this tag`)
  const written = await wire.write(order.item, order.bytes, signal)
  if (!written.ok) return refused('write_refused', refusalCause(written.code).message)
  if (!tag.write?.verify) return { ok: true }
  const { bit, ...whole } = order.item
  const after = await readOne(wire, whole, signal)
  if (!after.ok)
    return refused('write_unverified', `it was written, and cannot be read again: ${refusalCause(after.code).message}`)
  const isSame =
    bit === undefined ? isEqual(after.bytes, order.bytes) : ((after.bytes[0] ?? 0) >> bit) % 2 === order.bytes[0]
  return isSame ? { ok: true } : refused('write_unverified', 'it was written, and the CPU has something else there')
}

/** By which a request to write is longer than an answer with the same bytes. */
const WRITE_MORE = 12

const itemOf = ({ area, db, start, length }: Place): Item => ({ area, db, start, length })

async function readOne(wire: Requests, item: Item, signal: AbortSignal): Promise<ItemAnswer> {
  const [answer] = await wire.read([item], signal)
  return answer ?? { ok: false, code: 0 }
}

/** A string says itself how many letters it may have. */
const needsHeld = ({ mask, shift }: S7Tag, { type }: Place) =>
  type === 'string' || mask !== undefined || shift !== undefined

function orderOf(tag: S7Tag, place: Place, value: TagContent, held: Uint8Array | undefined): Order | undefined {
  const item = itemOf(place)
  if (place.type === 'bool') {
    if (typeof value !== 'boolean' || place.bit === undefined) return undefined
    return { item: { ...item, bit: place.bit }, bytes: Uint8Array.of(value ? 1 : 0) }
  }
  if (place.type === 'string') return typeof value === 'string' ? stringOrder(item, value, held?.[0] ?? 0) : undefined
  const bytes = typeof value === 'number' ? numberBytes(tag, place, value, held) : undefined
  return bytes && { item, bytes }
}

/** How many letters there may be stays as the program has it; how many there are is written with them. */
function stringOrder(item: Item, text: string, lettersMax: number): Order | undefined {
  const codes = [...text].map((letter) => letter.codePointAt(0) ?? 0)
  if (codes.length > Math.min(lettersMax, item.length - 2) || codes.some((code) => code > 0xff)) return undefined
  return {
    item: { ...item, start: item.start + 1, length: codes.length + 1 },
    bytes: Uint8Array.of(codes.length, ...codes),
  }
}

function numberBytes(tag: S7Tag, { type }: Place, value: number, held: Uint8Array | undefined): Uint8Array | undefined {
  const registers = REGISTER_TYPES[type]
  const isInteger = type !== 'real' && type !== 'lreal'
  const raw = unscaled(value, tag, { isInteger, held: held ? heldNumber(type, held) : 0 })
  if (raw === undefined) return undefined
  if (!registers) return Number.isInteger(raw) && raw >= 0 && raw <= 0xff ? Uint8Array.of(raw) : undefined
  return fitsNumber(registers, raw) ? encodeRegisters({ type: registers, order: 'ABCD', count: 1 }, raw) : undefined
}

function heldNumber(type: Place['type'], held: Uint8Array): number {
  const registers = REGISTER_TYPES[type]
  return registers
    ? numberReader(registers, 'ABCD')(new DataView(held.buffer, held.byteOffset, held.byteLength), 0)
    : (held[0] ?? 0)
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index])

const refused = (code: WriteProblem, message: string): WriteOutcome => ({ ok: false, code, message })
