/** EtherNet/IP write: one tag by one request, of the very type that the controller tells, and read again afterwards. A bit is changed by the controller itself. */
import type { WriteOutcome, WriteProblem } from '@skerry/connectors/session'
import { cipAddressOf } from '@skerry/contract/sources/cip-address'
import type { EthernetIpTag } from '@skerry/contract/sources/protocols/source-ethernet-ip'
import type { TagContent } from '@skerry/contract/sources/tag'
import { refusalCause } from './exceptions.ts'
import { readTag, tagPath, writeTag as tagRequest, writeBit } from './message.ts'
import { bytesFor, bytesWithBit, isBitSet, isHeld, type Told, toldIn } from './value.ts'
import type { Requests } from './wire.ts'

type Order = { message: Uint8Array; isHeld: (held: Told) => boolean }

export async function writeTag(
  wire: Requests,
  tag: EthernetIpTag,
  value: TagContent,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const path = tagPath(tag.address)
  const before = await readOne(wire, path, 1, signal)
  if (!before.ok) return refused('write_refused', before.message)
  const order = orderOf(tag, before.told.type, value)
  if (!order) return refused('tag_type', `${JSON.stringify(value)} does not fit this tag`)
  // By two requests it would be half done where the second fails.
  if (order.message.length > wire.bytes) {
    const message = `it needs a message of ${order.message.length} bytes, and a message can have ${wire.bytes}`
    return refused('write_refused', message)
  }
  const written = await wire.ask(order.message, signal)
  if (written.status !== 0) return refused('write_refused', refusalCause(written).message)
  if (!tag.write?.verify) return { ok: true }
  const after = await readOne(wire, path, tag.count, signal)
  if (!after.ok) return refused('write_unverified', `the value was written, but cannot be read back: ${after.message}`)
  if (order.isHeld(after.told)) return { ok: true }
  return refused('write_unverified', 'the value was written, but the controller has another value now')
}

function orderOf(tag: EthernetIpTag, type: Uint8Array, value: TagContent): Order | undefined {
  const path = tagPath(tag.address)
  const bit = cipAddressOf(tag.address)?.bit
  if (bit !== undefined) {
    const bytes = bytesWithBit(type, bit)
    if (bytes === undefined || typeof value !== 'boolean') return undefined
    return { message: writeBit(path, bytes, bit, value), isHeld: (held) => isBitSet(held, bit) === value }
  }
  const bytes = bytesFor(tag, type, value)
  return (
    bytes && {
      message: tagRequest(path, { type, count: tag.count, data: bytes }),
      isHeld: (held) => isHeld(held, bytes),
    }
  )
}

type Read = { ok: true; told: Told } | { ok: false; message: string }

async function readOne(wire: Requests, path: readonly number[], count: number, signal: AbortSignal): Promise<Read> {
  const reply = await wire.ask(readTag(path, count), signal)
  if (reply.status !== 0) return { ok: false, message: refusalCause(reply).message }
  const told = toldIn(reply.data)
  return told ? { ok: true, told } : { ok: false, message: 'the answer of the controller cannot be read' }
}

const refused = (code: WriteProblem, message: string): WriteOutcome => ({ ok: false, code, message })
