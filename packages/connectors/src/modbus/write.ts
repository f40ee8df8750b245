/** Modbus write: one tag by one request, with its scaling reversed. The tag is read again afterwards. */
import type { WriteOutcome, WriteProblem } from '@skerry/connectors/session'
import { writtenParts } from '@skerry/connectors/value'
import { BITS_WRITTEN_MAX, REGISTERS_WRITTEN_MAX } from '@skerry/contract/sources/modbus-limits'
import type { ModbusConnection, ModbusTag } from '@skerry/contract/sources/protocols/source-modbus'
import type { TagContent } from '@skerry/contract/sources/tag'
import { decodeRegisters, encodeRegisters } from '@skerry/core/equipment/register-codec'
import { unscaled } from '@skerry/core/tags/tag-scaling'
import { encodingOf, isBitTable, placeOf, placeProblem, type RegisterPlace } from './address.ts'
import { exceptionCause } from './exceptions.ts'
import type { Answer, Requests } from './wire.ts'

type Target = { wire: Requests; connection: ModbusConnection }

/**
 * Writes a tag. A bit of a register, and a tag with a mask, is read, changed and written. A change by the equipment
 * between the two is lost. So give such bits a register, or a coil, of their own if you can.
 */
export async function writeTag(
  target: Target,
  tag: ModbusTag,
  value: TagContent,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const place = placeOf(tag, target.connection)
  const problem = writtenProblem(place, target.connection)
  if (problem !== undefined) return refused('write_refused', problem)
  if (place.table === 'coil') return writeCoils(target, tag, value, signal)
  if (place.table !== 'holding') return refused('tag_read_only', 'only coils and holding registers can be written')
  const held = needsHeld(tag) ? await target.wire.read(place, signal) : undefined
  if (held && !held.ok) return refused('write_refused', exceptionCause(held.exception).message)
  const bytes = bytesFor(tag, value, held?.bytes)
  if (!bytes) return refused('tag_type', `${JSON.stringify(value)} does not fit this tag`)
  const written = await target.wire.writeRegisters(place, bytes, signal)
  if (!written.ok) return equipmentRefuses(written)
  return verify(tag, bytes, () => target.wire.read(place, signal))
}

/**
 * The reason why the tag cannot be written. With two requests, the write would be half done if the second one fails.
 */
function writtenProblem(place: RegisterPlace, connection: ModbusConnection): string | undefined {
  const lengthMax = isBitTable(place.table) ? BITS_WRITTEN_MAX : REGISTERS_WRITTEN_MAX
  if (place.length > lengthMax) return `it needs ${place.length} registers, and one request can write ${lengthMax}`
  return placeProblem(place, connection, place.table)
}

const needsHeld = ({ bit, mask, shift }: ModbusTag) => bit !== undefined || mask !== undefined || shift !== undefined

async function writeCoils(
  { wire, connection }: Target,
  tag: ModbusTag,
  value: TagContent,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const areOn = writtenParts(value, (one) => (typeof one === 'boolean' ? one : undefined))
  const place = placeOf(tag, connection)
  if (areOn?.length !== place.length) return refused('tag_type', 'a coil is true or false')
  const written = await wire.writeCoils(place, areOn, signal)
  if (!written.ok) return equipmentRefuses(written)
  return verify(tag, Uint8Array.from(areOn, Number), () => wire.read(place, signal))
}

function bytesFor(tag: ModbusTag, value: TagContent, held: Uint8Array | undefined): Uint8Array | undefined {
  const encoding = encodingOf(tag)
  if (!encoding) return typeof value === 'boolean' && held ? withBit(held, tag.bit ?? 0, value) : undefined
  if (encoding.type === 'string') return typeof value === 'string' ? encodeRegisters(encoding, value) : undefined
  const before = held ? Number(decodeRegisters(encoding, held).value) : 0
  const isInteger = !encoding.type.startsWith('float')
  const raw = writtenParts(value, (one) =>
    typeof one === 'number' ? unscaled(one, tag, { isInteger, held: before }) : undefined,
  )
  return raw && encodeRegisters(encoding, raw)
}

function withBit(register: Uint8Array, bit: number, isOn: boolean): Uint8Array {
  const word = (register[0] ?? 0) * 256 + (register[1] ?? 0)
  const changed = isOn ? word | (1 << bit) : word & ~(1 << bit)
  return Uint8Array.of((changed >> 8) & 0xff, changed & 0xff)
}

async function verify(tag: ModbusTag, expected: Uint8Array, read: () => Promise<Answer>): Promise<WriteOutcome> {
  if (!tag.write?.verify) return { ok: true }
  const answer = await read()
  if (!answer.ok)
    return refused(
      'write_unverified',
      `the value was written, but cannot be read back: ${exceptionCause(answer.exception).message}`,
    )
  const isSame =
    answer.bytes.length === expected.length && answer.bytes.every((byte, index) => byte === expected[index])
  return isSame
    ? { ok: true }
    : refused('write_unverified', 'the value was written, but the equipment has another value now')
}

function equipmentRefuses({ exception }: Extract<Answer, { ok: false }>): WriteOutcome {
  const { message } = exceptionCause(exception)
  // The request was sent. Only the answer is missing.
  if (exception === 'silent')
    return refused('write_unverified', `${message}; the value may or may not have been written`)
  return refused('write_refused', message)
}

const refused = (code: WriteProblem, message: string): WriteOutcome => ({ ok: false, code, message })
