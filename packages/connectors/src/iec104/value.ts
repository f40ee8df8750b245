/** IEC 104 value: what an object says, as a tag's value with its quality. */
import { badValue, tagValue } from '@skerry/connectors/value'
import type { Iec104Tag } from '@skerry/contract/sources/protocols/source-iec104'
import type { TagCause, TagValue } from '@skerry/contract/sources/tag'
import type { InformationObject } from './asdu.ts'
import { COUNTER_FLAG, type Element, FLAG } from './element.ts'

type Told = InformationObject & { receivedTimeMs: number; utcOffsetMinutes: number }

export function readObject(tag: Iec104Tag, told: Told): TagValue {
  const { element, receivedTimeMs } = told
  const cause = causeOf(element)
  const value = element.value
  if (value === undefined || cause?.isBad) {
    return timed(badValue(tag.name, cause ?? BETWEEN, receivedTimeMs), told)
  }
  const read = timed(tagValue(tag, { value, isInexact: false }, receivedTimeMs), told)
  if (!cause || read.quality === 'bad') return read
  return { ...read, quality: 'uncertain', cause: { code: cause.code, message: cause.message } }
}

function timed(value: TagValue, { timeMs, utcOffsetMinutes }: Told): TagValue {
  return timeMs === undefined ? value : { ...value, sourceTimeMs: timeMs - utcOffsetMinutes * 60_000 }
}

const BETWEEN: TagCause = { code: 'position_unclear', message: 'it is neither on nor off; it may be moving' }

type Doubt = TagCause & { isBad?: boolean }

const DOUBTS: readonly (readonly [flag: number, Doubt])[] = [
  [FLAG.invalid, { code: 'quality_invalid', message: 'the station marks it as invalid (IV)', isBad: true }],
  [FLAG.notTopical, { code: 'quality_old', message: 'the station has not received it recently (NT)' }],
  [FLAG.substituted, { code: 'quality_substituted', message: 'the value was substituted by hand (SB)' }],
  [FLAG.blocked, { code: 'quality_blocked', message: 'the value is blocked at the station (BL)' }],
  [FLAG.overflow, { code: 'quality_overflow', message: 'it is beyond its range (OV)' }],
]

const COUNTER_DOUBTS: readonly (readonly [flag: number, Doubt])[] = [
  [COUNTER_FLAG.invalid, { code: 'quality_invalid', message: 'the station marks it as invalid (IV)', isBad: true }],
  [COUNTER_FLAG.adjusted, { code: 'counter_adjusted', message: 'the counter was adjusted since the last report (CA)' }],
  [COUNTER_FLAG.carry, { code: 'counter_carry', message: 'the counter overflowed since the last report (CY)' }],
]

/** The worst of what the station doubts. */
function causeOf({ flags, isCounter }: Element): Doubt | undefined {
  const doubts = isCounter ? COUNTER_DOUBTS : DOUBTS
  const [, doubt] = doubts.find(([flag]) => (flags & flag) !== 0) ?? []
  return doubt && { code: doubt.code, message: doubt.message, ...(doubt.isBad ? { isBad: true } : {}) }
}
