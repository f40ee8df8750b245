/** Live rows: what is known of each tag of a source on a device, with how old it is by the device's own clock. */
import { TAGS_READ_MAX, type TagReading } from '@skerry/contract/devices/device-command'
import type { SourceLook } from '@skerry/contract/sources/source-look'
import type { TagContent } from '@skerry/contract/sources/tag'
import type { TagRow } from '@skerry/core/tags/tag-rows'

/** A reading, and when this page got it: from then on it ages by the page's clock, whatever the device's says. */
export type Heard = { reading: TagReading; ageMs: number; heardAtMs: number }

export type LiveRow = TagRow & { heard: Heard | undefined }

/** More turns than these would leave a tag alone for longer than anybody watches; who wants others filters for them. */
const TURNS_MAX = 10

/** What is asked for in turn: undefined stands for all tags of the source at once. */
export type Turns = readonly (readonly string[] | undefined)[]

/** `names` are those that the filter leaves, of so many. */
export function turnsOf(names: readonly string[], total: number): Turns {
  if (names.length === total && total <= TAGS_READ_MAX) return [undefined]
  const turns = Math.min(TURNS_MAX, Math.ceil(names.length / TAGS_READ_MAX))
  return Array.from({ length: turns }, (_, turn) => names.slice(turn * TAGS_READ_MAX, (turn + 1) * TAGS_READ_MAX))
}

/** How many of the tags that the filter leaves are not asked for. */
export const leftOut = (names: number): number => Math.max(0, names - TURNS_MAX * TAGS_READ_MAX)

export type Answer = {
  /** Those that were asked for; all where undefined. */
  tags: readonly string[] | undefined
  readings: readonly TagReading[]
  /** By the clock of the hub, or that of the device itself. */
  atMs: number
  heardAtMs: number
}

/** What is known after an answer: what it does not name any more is not known any more. */
export function afterAnswer(before: ReadonlyMap<string, Heard>, answer: Answer): ReadonlyMap<string, Heard> {
  const { tags, readings, atMs, heardAtMs } = answer
  const after = new Map(tags ? before : [])
  for (const tag of tags ?? []) after.delete(tag)
  for (const reading of readings) {
    // A clock of the device that is ahead of the hub's makes nothing younger than new.
    const ageMs = Math.max(0, atMs - reading.value.receivedTimeMs)
    after.set(reading.value.tag, { reading, ageMs, heardAtMs })
  }
  return after
}

/** A look at all that was asked for, as such an answer. */
export function answerOf({ tags, atMs }: SourceLook, heardAtMs: number): Answer {
  const readings = tags.flatMap(({ unit, value }) => (value ? [{ ...(unit !== undefined && { unit }), value }] : []))
  return { tags: undefined, readings, atMs, heardAtMs }
}

export const liveRows = (tags: readonly TagRow[], known: ReadonlyMap<string, Heard>): LiveRow[] =>
  tags.map((tag) => ({ ...tag, heard: known.get(tag.name) }))

/** How old it is now. */
export const ageOf = ({ ageMs, heardAtMs }: Heard, nowMs: number): number => ageMs + Math.max(0, nowMs - heardAtMs)

/** A float32 has seven digits that mean something; the rest is told on demand. */
const plain = new Intl.NumberFormat('en', { maximumSignificantDigits: 8, useGrouping: false })

export function contentText(content: TagContent): string {
  // A counter is exact to its last digit.
  if (typeof content === 'number') return Number.isInteger(content) ? String(content) : plain.format(content)
  return typeof content === 'object' ? JSON.stringify(content) : String(content)
}
