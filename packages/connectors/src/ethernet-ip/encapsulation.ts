/**
 * Encapsulation: the frames that carry CIP over TCP. [CIP 2, 2-3] A header of 24 bytes gives the length of the data.
 * The data has items, each with its kind and length. An inconsistent frame is undefined here, never an exception.
 */
import { u16, u32, viewOf } from './bytes.ts'

/** [CIP 2, table 2-3.2] */
export const LIST_IDENTITY = 0x63
export const REGISTER_SESSION = 0x65
const UNREGISTER_SESSION = 0x66
export const SEND_RR_DATA = 0x6f
export const SEND_UNIT_DATA = 0x70

const HEAD = 24

/** Longer than any answer to our requests. A longer frame is not of this protocol. */
const FRAME_MAX = 8_192

/** [CIP 2, table 2-3.3] The codes with which a target rejects a request. Every other code is noise. */
export const isRefusal = (status: number): boolean => [0x01, 0x02, 0x03, 0x64, 0x65, 0x69].includes(status)

export type CipFrame = { command: number; session: number; status: number; data: Uint8Array }

/** [CIP 2, table 2-6.3] Kinds of items. */
const NULL_ADDRESS = 0x00
const CONNECTED_ADDRESS = 0xa1
const CONNECTED_DATA = 0xb1
const UNCONNECTED_DATA = 0xb2

function frame(command: number, session: number, data: readonly number[]): Uint8Array {
  const context = [0, 0, 0, 0, 0, 0, 0, 0]
  return Uint8Array.of(...u16(command), ...u16(data.length), ...u32(session), ...u32(0), ...context, ...u32(0), ...data)
}

/** [2-4.2] This request needs no session. */
export const listIdentity = (): Uint8Array => frame(LIST_IDENTITY, 0, [])

/** [2-4.4] Registers a session: version 1, no options. */
export const registerSession = (): Uint8Array => frame(REGISTER_SESSION, 0, [1, 0, 0, 0])

export const unregisterSession = (session: number): Uint8Array => frame(UNREGISTER_SESSION, session, [])

/** [2-4.7] A message without a connection. The controller's own time limit is not used. */
export function unconnected(session: number, message: Uint8Array): Uint8Array {
  const items = [...u16(2), ...u16(NULL_ADDRESS), ...u16(0), ...u16(UNCONNECTED_DATA), ...u16(message.length)]
  return frame(SEND_RR_DATA, session, [...u32(0), ...u16(0), ...items, ...message])
}

export type CipPlace = { session: number; connection: number; sequence: number }

/** [2-4.8] A numbered message over a connection. */
export function connected({ session, connection, sequence }: CipPlace, message: Uint8Array): Uint8Array {
  const address = [...u16(CONNECTED_ADDRESS), ...u16(4), ...u32(connection)]
  const data = [...u16(CONNECTED_DATA), ...u16(message.length + 2), ...u16(sequence)]
  return frame(SEND_UNIT_DATA, session, [...u32(0), ...u16(0), ...u16(2), ...address, ...data, ...message])
}

/** The frame at the start of the bytes, and its length. */
export type Cut = { kind: 'more' } | { kind: 'nonsense' } | { kind: 'frame'; frame: CipFrame; length: number }

export function cutFrame(bytes: Uint8Array): Cut {
  if (bytes.length < HEAD) return { kind: 'more' }
  const view = viewOf(bytes)
  const length = HEAD + view.getUint16(2, true)
  if (length > FRAME_MAX) return { kind: 'nonsense' }
  if (bytes.length < length) return { kind: 'more' }
  const command = view.getUint16(0, true)
  const session = view.getUint32(4, true)
  const status = view.getUint32(8, true)
  return { kind: 'frame', length, frame: { command, session, status, data: bytes.subarray(HEAD, length) } }
}

/** The content of a frame: the message, and for a message over a connection, the connection and the number. */
export type Carried = { message: Uint8Array; connection?: number; sequence?: number }

export function carriedBy({ command, data }: CipFrame): Carried | undefined {
  const items = itemsOf(data)
  if (command === SEND_RR_DATA) {
    const message = items?.get(UNCONNECTED_DATA)
    return message && { message }
  }
  const address = items?.get(CONNECTED_ADDRESS)
  const content = items?.get(CONNECTED_DATA)
  if (address?.length !== 4 || !content || content.length < 2) return undefined
  const connection = viewOf(address).getUint32(0, true)
  return { message: content.subarray(2), connection, sequence: viewOf(content).getUint16(0, true) }
}

/** [2-6.1] The items by kind. Undefined if the data ends before its items do. */
function itemsOf(data: Uint8Array): Map<number, Uint8Array> | undefined {
  if (data.length < 8) return undefined
  const view = viewOf(data)
  const items = new Map<number, Uint8Array>()
  let at = 8
  for (let left = view.getUint16(6, true); left > 0; left -= 1) {
    if (at + 4 > data.length) return undefined
    const kind = view.getUint16(at, true)
    const length = view.getUint16(at + 2, true)
    if (at + 4 + length > data.length) return undefined
    items.set(kind, data.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return items
}
