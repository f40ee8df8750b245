/** Connection: how a controller is asked for one, and what it agrees to. [CIP 1, 3-5.5: Forward_Open, Large_Forward_Open, Forward_Close] */
import { u16, u32, viewOf } from './bytes.ts'
import { CONNECTION_MANAGER, MESSAGE_ROUTER, type Reply, request } from './message.ts'

const FORWARD_OPEN = 0x54
const LARGE_FORWARD_OPEN = 0x5b
const FORWARD_CLOSE = 0x4e

/** [3-5.5.1.1] What the size of a plain one has bits for; every controller takes so much less. */
const PLAIN_MAX = 511
export const PLAIN_BYTES = 500

/** Who asks, so that no other asks under the same name: numbers drawn anew. */
export type Originator = { connection: number; serial: number }

/** Belongs to no maker. */
const VENDOR = 0xfffe

export type Wanted = Originator & {
  /** The controller puts it into what it says over the connection. */
  toUs: number
  slot: number
  bytes: number
  keepAliveMs: number
}

/** [3-5.5.1.3] So many ticks of 1.024 s the request may be under way. */
const PATIENCE = [0x0a, 5]

/** [3-5.5.1.2] 8 times the interval without a question end it. */
const EIGHTFOLD = 1

/** [3-4.4.3] A server that answers when it is asked, class 3. */
const CLASS_3 = 0xa3

/** [C-1.4.1] Over the backplane to the slot, to the object that knows all others. */
function route(slot: number): number[] {
  const path = [0x01, slot, ...MESSAGE_ROUTER]
  return [path.length / 2, ...path]
}

/** From point to point, of low priority, of any length up to `bytes`. [3-5.5.1.1] */
function parameters(bytes: number): number[] {
  return bytes > PLAIN_MAX ? u32(0x4200_0000 + bytes) : u16(0x4200 + bytes)
}

const nameOf = ({ connection, serial }: Originator) => [...u16(connection), ...u16(VENDOR), ...u32(serial)]

export function forwardOpen(wanted: Wanted): Uint8Array {
  const { toUs, slot, bytes, keepAliveMs } = wanted
  const way = [...u32(keepAliveMs * 1_000), ...parameters(bytes)]
  return request(bytes > PLAIN_MAX ? LARGE_FORWARD_OPEN : FORWARD_OPEN, CONNECTION_MANAGER, [
    ...PATIENCE,
    // Its number in what we say is the controller's to choose.
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

/** The number that what we say over it has; undefined where it is refused. */
export function openedConnection({ status, data }: Reply): number | undefined {
  return status === 0 && data.length >= 26 ? viewOf(data).getUint32(0, true) : undefined
}

export function forwardClose(wanted: Originator & { slot: number }): Uint8Array {
  const [words = 0, ...path] = route(wanted.slot)
  return request(FORWARD_CLOSE, CONNECTION_MANAGER, [...PATIENCE, ...nameOf(wanted), words, 0, ...path])
}
