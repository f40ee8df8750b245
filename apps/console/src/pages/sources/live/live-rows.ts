/** Live rows: the known value of each tag of a source on a device, with its age by the device's own clock. */
import { TAGS_READ_MAX, type TagReading } from '@skerry/contract/devices/device-command'
import type { SourceLook } from '@skerry/contract/sources/source-look'
import type { TagContent } from '@skerry/contract/sources/tag'
import type { TagRow } from '@skerry/core/tags/tag-rows'
import { language } from '../../../texts/language.ts'

/**
 * A reading, and the time when this page got it. From then on it ages by the page's clock, independent of the device's.
 */
export type HeardValues = { reading: TagReading; ageMs: number; heardAtMs: number }

export type LiveRow = TagRow & { heard: HeardValues | undefined }

/** With more turns, each tag would be updated too rarely to watch. A person filters for other tags. */
const TURNS_MAX = 10

/** The tags to request in turn. Undefined stands for all tags of the source at once. */
export type Turns = readonly (readonly string[] | undefined)[]

/** `names` are the tags that pass the filter, out of `total`. */
export function turnsOf(names: readonly string[], total: number): Turns {
  if (names.length === total && total <= TAGS_READ_MAX) return [undefined]
  const turns = Math.min(TURNS_MAX, Math.ceil(names.length / TAGS_READ_MAX))
  return Array.from({ length: turns }, (_, turn) => names.slice(turn * TAGS_READ_MAX, (turn + 1) * TAGS_READ_MAX))
}

/** The number of tags that pass the filter but are not requested. */
export const leftOut = (names: number): number => Math.max(0, names - TURNS_MAX * TAGS_READ_MAX)

export type Answer = {
  /** The requested tags; all if undefined. */
  tags: readonly string[] | undefined
  readings: readonly TagReading[]
  /** The time of the answer, by the clock of the hub or of the device. */
  atMs: number
  heardAtMs: number
}

/** The known values after an answer. A tag that the answer no longer names is forgotten. */
export function afterAnswer(
  before: ReadonlyMap<string, HeardValues>,
  answer: Answer,
): ReadonlyMap<string, HeardValues> {
  const { tags, readings, atMs, heardAtMs } = answer
  const after = new Map(tags ? before : [])
  for (const tag of tags ?? []) after.delete(tag)
  for (const reading of readings) {
    // If the device's clock is ahead of the hub's, the age is zero and not negative.
    const ageMs = Math.max(0, atMs - reading.value.receivedTimeMs)
    after.set(reading.value.tag, { reading, ageMs, heardAtMs })
  }
  return after
}

/** A look at all requested tags, as such an answer. */
export function answerOf({ tags, atMs }: SourceLook, heardAtMs: number): Answer {
  const readings = tags.flatMap(({ unit, value }) => (value ? [{ ...(unit !== undefined && { unit }), value }] : []))
  return { tags: undefined, readings, atMs, heardAtMs }
}

export const liveRows = (tags: readonly TagRow[], known: ReadonlyMap<string, HeardValues>): LiveRow[] =>
  tags.map((tag) => ({ ...tag, heard: known.get(tag.name) }))

/** The current age of the reading. */
export const ageOf = ({ ageMs, heardAtMs }: HeardValues, nowMs: number): number =>
  ageMs + Math.max(0, nowMs - heardAtMs)

/** A float32 has seven significant digits. The page shows the rest on demand. */
const plain = new Intl.NumberFormat(language, { maximumSignificantDigits: 8, useGrouping: false })

export function contentText(content: TagContent): string {
  // A counter is exact to its last digit.
  if (typeof content === 'number') return Number.isInteger(content) ? String(content) : plain.format(content)
  return typeof content === 'object' ? JSON.stringify(content) : String(content)
}
