/** CAN signal: bits of a payload, and their meaning. Positions are counted as in DBC files. */

export type SignalPlace = { start: number; length: number; order: 'intel' | 'motorola' }
type SignalType = 'unsigned' | 'signed' | 'float'

/** Undefined if the payload is too short. */
export function bitsOf(data: Uint8Array, { start, length, order }: SignalPlace): bigint | undefined {
  let value = 0n
  // In Intel order the lowest bit is at `start`. So the bits are read from the other end.
  let at = order === 'intel' ? start + length - 1 : start
  for (let left = length; left > 0; left -= 1) {
    const byte = at < 0 ? undefined : data[at >> 3]
    if (byte === undefined) return undefined
    value = (value << 1n) | BigInt((byte >> (at & 7)) & 1)
    at = order === 'intel' ? at - 1 : below(at)
  }
  return value
}

/** Motorola order goes down within a byte, and then to the highest bit of the next byte. */
const below = (at: number) => ((at & 7) === 0 ? at + 15 : at - 1)

export function numberOf(bits: bigint, length: number, type: SignalType): number {
  if (type === 'unsigned') return Number(bits)
  if (type === 'signed') return Number(BigInt.asIntN(length, bits))
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, length === 32 ? bits << 32n : bits)
  return length === 32 ? view.getFloat32(0) : view.getFloat64(0)
}
