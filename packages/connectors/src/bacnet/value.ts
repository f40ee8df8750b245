/** BACnet value: what a device says of a property and of the state of its object, and how a present value is written. [ASHRAE 135, 20.2, 21] */
import type { BACNetAppData } from '@bacnet-js/client'
import { badValue, tagValue } from '@skerry/connectors/value'
import { BACNET_PRESENT_VALUE, bacnetObjectOf } from '@skerry/contract/sources/bacnet-object'
import type { BacnetTag } from '@skerry/contract/sources/protocols/source-bacnet'
import type { TagCause, TagContent, TagValue } from '@skerry/contract/sources/tag'
import { unscaled } from '@skerry/core/tags/tag-scaling'
import type { PropertyValue } from './wire.ts'

/** [135, 20.2.1.4] Application tags. */
const NULL = 0
const BOOLEAN = 1
const UNSIGNED = 2
const SIGNED = 3
const REAL = 4
const DOUBLE = 5
const TEXT = 7
const ENUMERATED = 9
/** The library's own: an error in the place of a value. */
const ERROR = 105

const WHOLES: readonly number[] = [UNSIGNED, SIGNED]
const NUMBERS: readonly number[] = [UNSIGNED, SIGNED, REAL, DOUBLE, ENUMERATED]

/** What a tag says by the answer to it. `flags` is the status of the object [135, 12]: undefined where its kind has none, which doubts nothing. */
export function readProperty(
  tag: BacnetTag,
  { value, flags }: { value: PropertyValue; flags: PropertyValue | undefined },
  receivedTimeMs: number,
): TagValue {
  const cause = badCause(value, flags)
  if (cause) return badValue(tag.name, cause, receivedTimeMs)
  const isBinary = tag.property === BACNET_PRESENT_VALUE && bacnetObjectOf(tag.address)?.value === 'binary'
  const parts = value.map((part) => contentOf(part, isBinary))
  const known = parts.filter((part) => part !== undefined)
  const [first] = known
  if (first === undefined || known.length < parts.length) return badValue(tag.name, NO_CONTENT, receivedTimeMs)
  const content: TagContent = known.length === 1 ? first : known
  const isInexact = value.some(({ type, value: part }) => WHOLES.includes(type) && !Number.isSafeInteger(part))
  const told = tagValue(tag, { value: content, isInexact }, receivedTimeMs)
  const doubt = doubtOf(flags)
  if (told.quality !== 'good' || !doubt) return told
  return { ...told, quality: 'uncertain', cause: doubt }
}

const NO_CONTENT = { code: 'value_type', message: 'the property is not a number, a boolean or a text' }
const NO_VALUE = { code: 'value_missing', message: 'the object has no value now' }

function contentOf({ type, value }: PropertyValue[number], isBinary: boolean): number | boolean | string | undefined {
  if (type === ENUMERATED && isBinary) return value === 1
  if (NUMBERS.includes(type)) return typeof value === 'number' ? value : undefined
  if (type === BOOLEAN) return value === true || value === 1
  return type === TEXT && typeof value === 'string' ? value : undefined
}

function badCause(value: PropertyValue, flags: PropertyValue | undefined): TagCause | undefined {
  const [first] = value
  if (first?.type === ERROR) return errorCause(first.value)
  if (first === undefined || first.type === NULL) return NO_VALUE
  if (hasFlag(flags, FAULT)) return { code: 'quality_fault', message: 'the device says that the object has a fault' }
  return undefined
}

function errorCause(error: unknown): TagCause {
  const code = typeof error === 'object' && error !== null && 'errorCode' in error ? error.errorCode : undefined
  if (code === 31 || code === 32 || code === 42)
    return { code: 'address_unknown', message: 'the device has no such object or property' }
  return { code: 'request_refused', message: `the device rejects it (code ${String(code)})` }
}

/** [135, 21, BACnetStatusFlags] Whether an alarm is there says nothing of the value. */
const FAULT = 1
const OVERRIDDEN = 2
const OUT_OF_SERVICE = 3

function doubtOf(flags: PropertyValue | undefined): TagCause | undefined {
  if (hasFlag(flags, OUT_OF_SERVICE))
    return { code: 'quality_out_of_service', message: 'out of service: the value does not come from the sensor' }
  if (hasFlag(flags, OVERRIDDEN)) return { code: 'quality_overridden', message: 'overridden at the device' }
  return undefined
}

/** The first flag is the lowest bit of what the library gives. */
function hasFlag(flags: PropertyValue | undefined, flag: number): boolean {
  const value = flags?.[0]?.value
  if (typeof value !== 'object' || value === null || !('value' in value) || !Array.isArray(value.value)) return false
  const [bits] = value.value
  return typeof bits === 'number' && ((bits >> flag) & 1) === 1
}

/** Undefined where the value cannot stand in it. */
export function appDataFor(tag: BacnetTag, value: TagContent): BACNetAppData | undefined {
  const kind = bacnetObjectOf(tag.address)?.value
  if (tag.releaseAt !== undefined && value === tag.releaseAt) return { type: NULL, value: null }
  if (kind === 'text') return typeof value === 'string' ? { type: TEXT, value } : undefined
  if (kind === 'binary') return typeof value === 'boolean' ? { type: ENUMERATED, value: value ? 1 : 0 } : undefined
  return typeof value === 'number' && kind !== undefined ? numberFor(tag, kind, value) : undefined
}

function numberFor(tag: BacnetTag, kind: keyof typeof NUMERIC, value: number): BACNetAppData | undefined {
  const isInteger = kind === 'unsigned' || kind === 'signed'
  const raw = unscaled(value, tag, { isInteger, held: 0 })
  const [type, min, max] = NUMERIC[kind]
  return raw === undefined || raw < min || raw > max ? undefined : { type, value: raw }
}

const NUMERIC = {
  real: [REAL, -3.4028234663852886e38, 3.4028234663852886e38],
  double: [DOUBLE, -Number.MAX_VALUE, Number.MAX_VALUE],
  unsigned: [UNSIGNED, 0, 2 ** 32 - 1],
  signed: [SIGNED, -(2 ** 31), 2 ** 31 - 1],
} as const

/** Whether the device has what was written; a real number has seven digits. */
export function isHeld(held: PropertyValue, written: BACNetAppData): boolean {
  const [first] = held
  if (first?.type !== written.type) return false
  const isReal = written.type === REAL && typeof written.value === 'number'
  return first.value === (isReal ? Math.fround(Number(written.value)) : written.value)
}
