/** Modbus value: the meaning of a tag's bytes. */
import { quickNumber, tagValue } from '@skerry/connectors/value'
import type { ModbusTag } from '@skerry/contract/sources/protocols/source-modbus'
import type { TagValue } from '@skerry/contract/sources/tag'
import { decodeRegisters, type NumberReader, numberReader } from '@skerry/core/equipment/register-codec'
import { encodingOf } from './address.ts'

/** `bytes`: exactly the tag's own, with two for a register and one for a coil. */
export function readTag(tag: ModbusTag, bytes: Uint8Array, receivedTimeMs: number): TagValue {
  const encoding = encodingOf(tag)
  const decoded = encoding ? decodeRegisters(encoding, bytes) : { value: readBits(tag, bytes), isInexact: false }
  return tagValue(tag, decoded, receivedTimeMs)
}

/**
 * Reads the value of a tag that is a single number, many times. NaN if the value is not simply good: then `readTag`
 * gives the reason. Undefined for other tags.
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
