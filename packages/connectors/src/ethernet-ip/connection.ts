/**
 * Connection: the request for a connection to a controller, and the agreed answer. [CIP 1, 3-5.5: Forward_Open,
 * Large_Forward_Open, Forward_Close]
 */
import { u16, u32, viewOf } from './bytes.ts'
import { CONNECTION_MANAGER, MESSAGE_ROUTER, type Reply, request } from './message.ts'

const FORWARD_OPEN = 0x54
const LARGE_FORWARD_OPEN = 0x5b
const FORWARD_CLOSE = 0x4e

/**
 * [3-5.5.1.1] The largest size that fits into the bits of a plain connection. Every controller accepts `PLAIN_BYTES`.
 */
const PLAIN_MAX = 511
export const PLAIN_BYTES = 500

/** The originator of a connection, in random numbers, so that no other client uses the same ones. */
export type Originator = { connection: number; serial: number }

/** A vendor number that belongs to no maker. */
const VENDOR = 0xfffe

export type Wanted = Originator & {
  /** The controller puts it into its messages over the connection. */
  toUs: number
  slot: number
  bytes: number
  keepAliveMs: number
}

/** [3-5.5.1.3] The request may be pending for this many ticks of 1.024 s. */
const PATIENCE = [0x0a, 5]

/** [3-5.5.1.2] A time of 8 intervals without a request ends the connection. */
const EIGHTFOLD = 1

/** [3-4.4.3] Class 3: a server that answers requests. */
const CLASS_3 = 0xa3

/** [C-1.4.1] The path over the backplane to the slot, to the Message Router object. */
function route(slot: number): number[] {
  const path = [0x01, slot, ...MESSAGE_ROUTER]
  return [path.length / 2, ...path]
}

/** Point to point, with low priority and any length up to `bytes`. [3-5.5.1.1] */
function parameters(bytes: number): number[] {
  return bytes > PLAIN_MAX ? u32(0x4200_0000 + bytes) : u16(0x4200 + bytes)
}

const nameOf = ({ connection, serial }: Originator) => [...u16(connection), ...u16(VENDOR), ...u32(serial)]

export function forwardOpen(wanted: Wanted): Uint8Array {
  const { toUs, slot, bytes, keepAliveMs } = wanted
  const way = [...u32(keepAliveMs * 1_000), ...parameters(bytes)]
  return request(bytes > PLAIN_MAX ? LARGE_FORWARD_OPEN : FORWARD_OPEN, CONNECTION_MANAGER, [
    ...PATIENCE,
    // The controller chooses the number for our messages.
    ...u32(0),
    ...u32(toUs),
    ...nameOf(wanted),
    EIGHTFOLD,
    0,
    0,
    0,
    ...way,
    ...way,
    CLASS_3,
    ...route(slot),
  ])
}

/** The number for our messages over the connection. Undefined if the controller rejects the connection. */
export function openedConnection({ status, data }: Reply): number | undefined {
  return status === 0 && data.length >= 26 ? viewOf(data).getUint32(0, true) : undefined
}

export function forwardClose(wanted: Originator & { slot: number }): Uint8Array {
  const [words = 0, ...path] = route(wanted.slot)
  return request(FORWARD_CLOSE, CONNECTION_MANAGER, [...PATIENCE, ...nameOf(wanted), words, 0, ...path])
}
