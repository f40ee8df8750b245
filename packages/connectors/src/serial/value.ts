/** Serial value: what a line says of each tag. */
import { emptyReading, type Reading } from '@skerry/connectors/reading'
import { badValue, tagValue } from '@skerry/connectors/value'
import type { SerialTag } from '@skerry/contract/sources/protocols/source-serial'
import type { TagCause, TagContent, TagValue } from '@skerry/contract/sources/tag'
import { unscaled } from '@skerry/core/tags/tag-scaling'

/** Undefined where the line is none of this pattern. */
export function readLine(
  { pattern, tags }: { pattern: RegExp; tags: readonly SerialTag[] },
  line: string,
  receivedTimeMs: number,
): Reading | undefined {
  const found = pattern.exec(line)
  if (!found) return undefined
  return readingOf(tags, (tag) => readPart(tag, found.groups?.[tag.address], receivedTimeMs))
}

export const badTags = (tags: readonly SerialTag[], cause: TagCause, receivedTimeMs: number): Reading =>
  readingOf(tags, ({ name }) => badValue(name, cause, receivedTimeMs))

function readingOf(tags: readonly SerialTag[], made: (tag: SerialTag) => TagValue): Reading {
  const reading = emptyReading(tags.length)
  for (const [place, tag] of tags.entries()) reading.others.set(place, made(tag))
  return reading
}

function readPart(tag: SerialTag, part: string | undefined, receivedTimeMs: number): TagValue {
  const value = part === undefined ? undefined : contentOf(part, tag.type)
  if (value !== undefined) return tagValue(tag, { value, isInexact: false }, receivedTimeMs)
  const message =
    part === undefined ? 'the line does not have this part' : `the line has ${JSON.stringify(part)}, no number`
  return badValue(tag.name, { code: 'value_type', message }, receivedTimeMs)
}

/** Scales write `+  3.25` and `- 0.5`. */
function contentOf(part: string, type: SerialTag['type']): TagContent | undefined {
  if (type === 'string') return part.trim()
  const text = part.replaceAll(' ', '')
  const number = text === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : undefined
}

/** The text that writes the value; undefined where it cannot. */
export function commandFor(tag: SerialTag, value: TagContent): string | undefined {
  const text =
    typeof value === 'number' ? unscaled(value, tag, { isInteger: false, held: 0 })?.toString() : String(value)
  // A line of its own would be another command.
  const isPlain = text !== undefined && !Array.isArray(value) && /^[\x20-\x7e]{1,200}$/.test(text)
  return isPlain ? tag.command?.send.replaceAll('{value}', () => text) : undefined
}
