/** KNX datapoint: how a value stands in the bytes of a telegram, by its type. [KNX 3/7/2] */
import type { TagContent } from '@skerry/contract/sources/tag'

/** In bits; up to six share a byte with what kind of telegram it is. */
export type Datapoint = {
  bits: number
  decode(bytes: Buffer): TagContent
  /** Undefined where the value cannot stand in it. */
  encode(value: TagContent): Buffer | undefined
}

export function datapointOf(dpt: string): Datapoint {
  return SPECIAL.get(dpt) ?? MAIN.get(dpt.split('.')[0] ?? '') ?? TRUTH
}

const TRUTH: Datapoint = {
  bits: 1,
  decode: (bytes) => ((bytes[0] ?? 0) & 1) === 1,
  encode: (value) => (typeof value === 'boolean' ? Buffer.from([Number(value)]) : undefined),
}

type Whole = { bytes: 1 | 2 | 4; isSigned: boolean }

/** `step`: what one of it is worth. */
function whole({ bytes, isSigned }: Whole, step = 1): Datapoint {
  const [min, max] = isSigned ? [-(2 ** (bytes * 8 - 1)), 2 ** (bytes * 8 - 1) - 1] : [0, 2 ** (bytes * 8) - 1]
  return {
    bits: bytes * 8,
    decode: (buffer) => (isSigned ? buffer.readIntBE(0, bytes) : buffer.readUIntBE(0, bytes)) * step,
    encode(value) {
      const number = typeof value === 'number' ? Math.round(value / step) + 0 : Number.NaN
      if (!(number >= min && number <= max)) return undefined
      const buffer = Buffer.alloc(bytes)
      if (isSigned) buffer.writeIntBE(number, 0, bytes)
      else buffer.writeUIntBE(number, 0, bytes)
      return buffer
    },
  }
}

/** [3.10] A sign, four bits of exponent, eleven of mantissa, each worth 0.01. */
const SHORT_FLOAT: Datapoint = {
  bits: 16,
  decode(bytes) {
    const word = bytes.readUInt16BE(0)
    const mantissa = (word & 0x07ff) - ((word & 0x8000) === 0 ? 0 : 2_048)
    return (mantissa * 2 ** ((word >> 11) & 0x0f)) / 100
  },
  encode(value) {
    if (typeof value !== 'number') return undefined
    for (let exponent = 0; exponent < 16; exponent += 1) {
      const mantissa = Math.round((value * 100) / 2 ** exponent)
      if (mantissa < -2_048 || mantissa > 2_047) continue
      const word = (mantissa < 0 ? 0x8000 : 0) | (exponent << 11) | (mantissa & 0x07ff)
      // [3.10] This word says that it is no value.
      return word === 0x7fff ? undefined : Buffer.from([word >> 8, word & 0xff])
    }
    return undefined
  },
}

const FLOAT: Datapoint = {
  bits: 32,
  decode: (bytes) => bytes.readFloatBE(0),
  encode(value) {
    if (typeof value !== 'number' || !Number.isFinite(Math.fround(value))) return undefined
    const buffer = Buffer.alloc(4)
    buffer.writeFloatBE(value)
    return buffer
  },
}

const TEXT_BYTES = 14

/** ISO 8859-1, filled up with NULs. */
const TEXT: Datapoint = {
  bits: TEXT_BYTES * 8,
  decode: (bytes) => bytes.toString('latin1').replace(/\0.*$/s, ''),
  encode(value) {
    const codes = typeof value === 'string' ? [...value].map((letter) => letter.codePointAt(0) ?? 0) : [0]
    if (codes.length > TEXT_BYTES || codes.some((code) => code === 0 || code > 0xff)) return undefined
    return Buffer.concat([Buffer.from(codes), Buffer.alloc(TEXT_BYTES - codes.length)])
  },
}

const BYTE: Whole = { bytes: 1, isSigned: false }

const MAIN: ReadonlyMap<string, Datapoint> = new Map([
  ['1', TRUTH],
  ['5', whole(BYTE)],
  ['6', whole({ bytes: 1, isSigned: true })],
  ['7', whole({ bytes: 2, isSigned: false })],
  ['8', whole({ bytes: 2, isSigned: true })],
  ['9', SHORT_FLOAT],
  ['12', whole({ bytes: 4, isSigned: false })],
  ['13', whole({ bytes: 4, isSigned: true })],
  ['14', FLOAT],
  ['16', TEXT],
])

/** A share of a hundred, and an angle, over the whole of a byte. */
const SPECIAL: ReadonlyMap<string, Datapoint> = new Map([
  ['5.001', whole(BYTE, 100 / 255)],
  ['5.003', whole(BYTE, 360 / 255)],
])
