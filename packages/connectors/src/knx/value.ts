/** KNX value: what a telegram says of a tag, and what is sent to write it. */
import { badValue, tagValue } from '@skerry/connectors/value'
import type { KnxTag } from '@skerry/contract/sources/protocols/source-knx'
import type { TagContent, TagValue } from '@skerry/contract/sources/tag'
import { unscaled } from '@skerry/core/tags/tag-scaling'
import { datapointOf } from './datapoint.ts'

export function readTelegram(tag: KnxTag, bytes: Buffer, receivedTimeMs: number): TagValue {
  const { bits, decode } = datapointOf(tag.dpt)
  if (bytes.length === Math.ceil(bits / 8))
    return tagValue(tag, { value: decode(bytes), isInexact: false }, receivedTimeMs)
  const message = `the received ${bytes.length} bytes are not a ${tag.dpt}; check the type`
  return badValue(tag.name, { code: 'value_type', message }, receivedTimeMs)
}

/** Undefined where the value cannot stand in the type. */
export function bytesFor(tag: KnxTag, value: TagContent): { bytes: Buffer; bits: number } | undefined {
  const { bits, encode } = datapointOf(tag.dpt)
  const raw = typeof value === 'number' ? unscaled(value, tag, { isInteger: false, held: 0 }) : value
  const bytes = raw === undefined ? undefined : encode(raw)
  return bytes && { bytes, bits }
}

/** Whether what is told is what was written, as the type holds it. */
export function isSame(tag: KnxTag, told: TagValue | undefined, sent: Buffer): boolean {
  if (!told || told.quality === 'bad') return false
  return bytesFor(tag, told.value)?.bytes.equals(sent) ?? false
}
