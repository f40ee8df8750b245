/** SNMP value: what an agent says of an object, and how a value is written. [RFC 2578, 7.1] */
import { badValue, tagValue } from '@skerry/connectors/value'
import type { SnmpTag } from '@skerry/contract/sources/protocols/source-snmp'
import type { TagContent, TagValue } from '@skerry/contract/sources/tag'
import { unscaled } from '@skerry/core/tags/tag-scaling'
import type { Varbind } from 'net-snmp'
import * as snmp from 'net-snmp'

export function readVarbind(tag: SnmpTag, varbind: Varbind | undefined, receivedTimeMs: number): TagValue {
  if (!varbind || snmp.isVarbindError(varbind)) return badValue(tag.name, UNKNOWN, receivedTimeMs)
  if (varbind.value === null || varbind.value === undefined) return badValue(tag.name, NO_VALUE, receivedTimeMs)
  const value = contentOf(varbind, tag.octets)
  if (value === undefined) return badValue(tag.name, NO_NUMBER, receivedTimeMs)
  const isInexact = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
  return tagValue(tag, { value, isInexact }, receivedTimeMs)
}

const UNKNOWN = {
  code: 'address_unknown',
  message: 'the agent has no such object; check that its number ends with the number of the instance',
}
const NO_VALUE = { code: 'value_missing', message: 'the agent has the object, but no value in it' }
const NO_NUMBER = { code: 'value_type', message: 'the agent sent a text that is not a number' }

function contentOf({ type, value }: Varbind, octets: SnmpTag['octets']): TagContent | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (!(value instanceof Uint8Array)) return String(value)
  if (type === snmp.ObjectType.Counter64) return value.reduce((sum, byte) => sum * 256 + byte, 0)
  const bytes = Buffer.from(value)
  if (octets === 'hex') return bytes.toString('hex')
  const text = bytes.toString()
  if (octets === 'text') return text
  const number = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isNaN(number) ? undefined : number
}

/** [RFC 2578, 7.1.1, 7.1.7] */
const RANGES = { integer: [-(2 ** 31), 2 ** 31 - 1], gauge: [0, 2 ** 32 - 1] } as const

/** Undefined where the value cannot stand in it. */
export function varbindFor(tag: SnmpTag, value: TagContent): Varbind | undefined {
  const { address: oid, writeAs } = tag
  if (writeAs === 'string')
    return Array.isArray(value) ? undefined : { oid, type: snmp.ObjectType.OctetString, value: String(value) }
  if (typeof value !== 'number' || writeAs === undefined) return undefined
  const raw = unscaled(value, tag, { isInteger: true, held: 0 })
  const [min, max] = RANGES[writeAs]
  if (raw === undefined || raw < min || raw > max) return undefined
  return { oid, type: writeAs === 'integer' ? snmp.ObjectType.Integer : snmp.ObjectType.Gauge, value: raw }
}
