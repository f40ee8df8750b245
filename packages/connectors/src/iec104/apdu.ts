/** IEC 104 APDU: the frames of the connection, one after the other. [IEC 60870-5-104, 5] */

export type Apdu =
  | { format: 'i'; sent: number; received: number; asdu: Uint8Array }
  | { format: 's'; received: number }
  | { format: 'u'; order: UOrder }

export type UOrder = 'startdt_act' | 'startdt_con' | 'stopdt_act' | 'stopdt_con' | 'testfr_act' | 'testfr_con'

const U_ORDERS: Readonly<Record<UOrder, number>> = {
  startdt_act: 0x07,
  startdt_con: 0x0b,
  stopdt_act: 0x13,
  stopdt_con: 0x23,
  testfr_act: 0x43,
  testfr_con: 0x83,
}

const START = 0x68
const CONTROL_BYTES = 4

/** [5.1] */
const LENGTH_MAX = 253

/** Sequence numbers have 15 bits. */
export const SEQUENCE_SIZE = 2 ** 15

export function encodeApdu(apdu: Apdu): Uint8Array {
  const asdu = apdu.format === 'i' ? apdu.asdu : new Uint8Array()
  return Uint8Array.from([START, CONTROL_BYTES + asdu.length, ...controlOf(apdu), ...asdu])
}

function controlOf(apdu: Apdu): number[] {
  switch (apdu.format) {
    case 'i':
      return [...numberBytes(apdu.sent), ...numberBytes(apdu.received)]
    case 's':
      return [1, 0, ...numberBytes(apdu.received)]
    case 'u':
      return [U_ORDERS[apdu.order], 0, 0, 0]
  }
}

const numberBytes = (number: number) => [(number << 1) & 0xff, (number >> 7) & 0xff]

/** Returns the whole frames among the bytes, and the rest for later. Throws if the bytes are not of this protocol. */
export function takeApdus(bytes: Uint8Array): { apdus: Apdu[]; rest: Uint8Array } {
  const apdus: Apdu[] = []
  let at = 0
  while (bytes.length - at >= 2) {
    const length = bytes[at + 1] ?? 0
    if (bytes[at] !== START || length < CONTROL_BYTES || length > LENGTH_MAX) {
      throw new Error('the received bytes are not a frame of IEC 60870-5-104')
    }
    if (bytes.length - at < 2 + length) break
    apdus.push(decodeApdu(bytes.subarray(at + 2, at + 2 + length)))
    at += 2 + length
  }
  return { apdus, rest: bytes.slice(at) }
}

function decodeApdu(bytes: Uint8Array): Apdu {
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes
  const received = (third >> 1) + fourth * 128
  if ((first & 1) === 0) {
    return { format: 'i', sent: (first >> 1) + second * 128, received, asdu: bytes.slice(CONTROL_BYTES) }
  }
  if ((first & 3) === 1) return { format: 's', received }
  for (const order of Object.keys(U_ORDERS) as UOrder[]) {
    if (U_ORDERS[order] === first) return { format: 'u', order }
  }
  throw new Error(`an unknown link command (${first})`)
}
