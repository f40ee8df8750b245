/** Modbus value: what the bytes of a tag mean. */
import { tagValue } from '@skerry/connectors/value'
import type { ModbusTag } from '@skerry/contract/source-modbus'
import type { TagValue } from '@skerry/contract/tag'
import { decodeRegisters, type NumberReader, numberReader } from '@skerry/core/register-codec'
import { isWithin } from '@skerry/core/tag-scaling'
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
  const { mask, shift, scale, offset, clamp = {}, expect = {} } = tag
  if (mask !== undefined || shift !== undefined) return undefined
  const isLong = encoding.type === 'int64' || encoding.type === 'uint64'
  const read = numberReader(encoding.type, encoding.order)
  return (view, at) => {
    const raw = read(view, at)
    const value = raw * scale + offset
    if (isLong && !Number.isSafeInteger(raw)) return Number.NaN
    return Number.isFinite(value) && isWithin(value, clamp) && isWithin(value, expect) ? value : Number.NaN
  }
}

function readBits({ bit, count }: ModbusTag, bytes: Uint8Array): boolean | boolean[] {
  if (bit !== undefined) return (((bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)) >> bit) % 2 === 1
  const bits = [...bytes].map((byte) => byte === 1)
  return count === 1 ? bits[0] === true : bits
}
