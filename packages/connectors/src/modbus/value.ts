/** Modbus value: what the bytes of a tag mean. */
import { quickNumber, tagValue } from '@skerry/connectors/value'
import type { ModbusTag } from '@skerry/contract/sources/protocols/source-modbus'
import type { TagValue } from '@skerry/contract/sources/tag'
import { decodeRegisters, type NumberReader, numberReader } from '@skerry/core/equipment/register-codec'
import { encodingOf } from './address.ts'

/** `bytes` are exactly the tag's: two a register, or one for each coil. */
export function readTag(tag: ModbusTag, bytes: Uint8Array, receivedTimeMs: number): TagValue {
  const encoding = encodingOf(tag)
  const decoded = encoding ? decodeRegisters(encoding, bytes) : { value: readBits(tag, bytes), isInexact: false }
  return tagValue(tag, decoded, receivedTimeMs)
}

/**
 * Reads the value of a tag that is a single number, many times. NaN where it is not simply good: then `readTag` says what it is. Undefined for tags
 * that are no such number.
 */
export function quickReader(tag: ModbusTag): NumberReader | undefined {
  const encoding = encodingOf(tag)
  if (!encoding || encoding.type === 'string' || encoding.count > 1) return undefined
  const isLong = encoding.type === 'int64' || encoding.type === 'uint64'
  return quickNumber(numberReader(encoding.type, encoding.order), tag, isLong)
}

function readBits({ bit, count }: ModbusTag, bytes: Uint8Array): boolean | boolean[] {
  if (bit !== undefined) return (((bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)) >> bit) % 2 === 1
  const bits = [...bytes].map((byte) => byte === 1)
  return count === 1 ? bits[0] === true : bits
}
