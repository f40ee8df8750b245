/** S7 value: the meaning of a tag's bytes. The most significant byte comes first. */
import { quickNumber, tagValue } from '@skerry/connectors/value'
import type { S7Tag } from '@skerry/contract/sources/protocols/source-s7'
import type { S7Type } from '@skerry/contract/sources/s7-address'
import type { TagContent, TagValue } from '@skerry/contract/sources/tag'
import {
  type Decoded,
  decodeRegisters,
  type NumberReader,
  numberReader,
  type RegisterNumber,
} from '@skerry/core/equipment/register-codec'
import type { BlockPlace } from './address.ts'

/** Types of whole words have the encoding of registers. */
export const REGISTER_TYPES: Readonly<Partial<Record<S7Type, RegisterNumber>>> = {
  word: 'uint16',
  int: 'int16',
  dword: 'uint32',
  dint: 'int32',
  lint: 'int64',
  real: 'float32',
  lreal: 'float64',
}

/** `bytes`: exactly the tag's own. */
export function readTag(tag: S7Tag, place: BlockPlace, bytes: Uint8Array, receivedTimeMs: number): TagValue {
  return tagValue(tag, decoded(tag, place, bytes), receivedTimeMs)
}

function decoded({ count }: S7Tag, { type, bit = 0 }: BlockPlace, bytes: Uint8Array): Decoded {
  const registers = REGISTER_TYPES[type]
  if (registers) return decodeRegisters({ type: registers, order: 'ABCD', count }, bytes)
  if (type === 'string') return exactly(readString(bytes))
  const values: TagContent =
    type === 'byte' ? [...bytes] : Array.from({ length: count }, (_, index) => bitAt(bytes, bit + index))
  return exactly(count === 1 ? (values[0] ?? 0) : values)
}

const exactly = (value: TagContent): Decoded => ({ value, isInexact: false })

export const bitAt = (bytes: Uint8Array, at: number): boolean => (((bytes[at >> 3] ?? 0) >> (at & 7)) & 1) === 1

/**
 * ISO 8859-1, after the longest and the current length. A block that was never filled may claim more letters than it
 * has.
 */
const readString = (bytes: Uint8Array): string =>
  String.fromCharCode(...bytes.subarray(2, 2 + Math.min(bytes[1] ?? 0, bytes.length - 2)))

/** Reads a tag that is a single number, many times. NaN if the value is not simply good. Undefined for other tags. */
export function quickReader(tag: S7Tag, { type }: BlockPlace): NumberReader | undefined {
  const registers = REGISTER_TYPES[type]
  if (tag.count > 1 || (!registers && type !== 'byte')) return undefined
  return quickNumber(registers ? numberReader(registers, 'ABCD') : readByte, tag, type === 'lint')
}

const readByte: NumberReader = (view, at) => view.getUint8(at)
