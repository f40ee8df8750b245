/** JSON value: what a JSON document says of a tag: its value, and the time that the equipment gives it. */

import type { TagCause, TagContent } from '@skerry/contract/sources/tag'
import type { JsonTime } from '@skerry/contract/values/json-path'

type Step = string | number

/** The steps of a path that its schema has let pass. */
export function stepsOf(path: string): Step[] {
  return [...path.matchAll(/\[(\d+)\]|\["([^"]+)"\]|([^.[\]]+)/g)].map(([, index, quoted, plain]) =>
    index === undefined ? (quoted ?? plain ?? '') : Number(index),
  )
}

/** What stands there; undefined where nothing does. Only what the document itself holds is found, nothing that its objects inherit. */
export function atPath(document: unknown, steps: readonly Step[]): unknown {
  let at = document
  for (const step of steps) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined
    at = Object.getOwnPropertyDescriptor(at, step)?.value
  }
  return at
}

export type JsonContent =
  | { ok: true; value: TagContent; isInexact: boolean; sourceTimeMs: number | undefined }
  /** `isAbsent`: the document says nothing of it, which may be as meant. */
  | { ok: false; isAbsent: boolean; cause: TagCause }

/** A long array is a waveform; of more than this nobody makes one message. */
const ARRAY_MAX = 100_000

/** Reads a tag out of documents, many times. */
export function jsonReader(tag: {
  path?: string | undefined
  time?: JsonTime | undefined
}): (document: unknown) => JsonContent {
  const steps = stepsOf(tag.path ?? '')
  const { time } = tag
  const timeSteps = stepsOf(time?.path ?? '')
  return (document) => {
    const found = atPath(document, steps)
    if (found === undefined || found === null)
      return bad(true, 'value_missing', `it has nothing at ${tag.path ?? 'all'}`)
    if (!isContent(found)) return bad(false, 'value_type', 'it has neither a value there nor a list of values')
    const sourceTimeMs = time ? instantOf(atPath(document, timeSteps), time.unit) : undefined
    if (time && sourceTimeMs === undefined) {
      return bad(false, 'time_unreadable', `it has no time of the unit ${time.unit} at ${time.path}`)
    }
    return { ok: true, value: found, isInexact: isInexact(found), sourceTimeMs }
  }
}

const bad = (isAbsent: boolean, code: string, message: string): JsonContent => ({
  ok: false,
  isAbsent,
  cause: { code, message },
})

const isScalar = (value: unknown): value is number | boolean | string =>
  typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string'

const isContent = (value: unknown): value is TagContent =>
  isScalar(value) || (Array.isArray(value) && value.length <= ARRAY_MAX && value.every(isScalar))

/** A number in JSON is a double once it is read: what was beyond 2^53 has lost digits. */
const isInexact = (value: TagContent): boolean =>
  (Array.isArray(value) ? value : [value]).some((part) => Number.isInteger(part) && !Number.isSafeInteger(part))

const PER_MS = { s: 0.001, ms: 1, us: 1_000, ns: 1_000_000 } as const

/** [ECMA-262, 21.4.1.1] Beyond it no date can be said. */
const INSTANT_MAX_MS = 8.64e15

function instantOf(value: unknown, unit: JsonTime['unit']): number | undefined {
  const ms = unit === 'iso' ? isoMs(value) : typeof value === 'number' ? Math.round(value / PER_MS[unit]) : undefined
  return ms !== undefined && ms >= 0 && ms <= INSTANT_MAX_MS ? ms : undefined
}

/** [ISO 8601] A date and a time; without a zone it would be that of whoever reads it. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}(?:[.,]\d{1,9})?))?(Z|[+-]\d{2}:?\d{2})$/

function isoMs(value: unknown): number | undefined {
  const [, year, month, day, hour, minute, second = '0', zone = ''] = ISO.exec(String(value)) ?? []
  const at = { year: Number(year), month: Number(month), day: Number(day) }
  const isDay = at.month >= 1 && at.month <= 12 && at.day >= 1 && at.day <= 31
  if (typeof value !== 'string' || !isDay || Number(hour) > 24 || Number(minute) > 59) return undefined
  const seconds = (daysOf(at) * 24 + Number(hour)) * 3_600 + Number(minute) * 60 + Number(second.replace(',', '.'))
  return Math.round(seconds * 1_000) - zoneMinutes(zone) * 60_000
}

/** [Hinnant, "chrono-Compatible Low-Level Date Algorithms"] Days since 1970-01-01; years begin in March, so that leap days are their last. */
function daysOf({ year, month, day }: { year: number; month: number; day: number }): number {
  const y = month <= 2 ? year - 1 : year
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468
}

const zoneMinutes = (zone: string) =>
  zone === 'Z' ? 0 : Number(`${zone[0]}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)))
