/** Line: what one line of a file says of each tag. */
import { emptyReading, type Reading } from '@skerry/connectors/reading'
import { badValue, tagValue } from '@skerry/connectors/value'
import type { FilesConnection, FilesTag } from '@skerry/contract/sources/protocols/source-files'
import type { TagContent, TagValue } from '@skerry/contract/sources/tag'

/** The fields of a line; undefined where it is none. What is no text is as JSON has it. */
export type Fields = { get(name: string): unknown } | undefined

export function fieldsOf(line: string, { format, separator }: FilesConnection, columns: readonly string[]): Fields {
  return format === 'csv' ? csvFields(line, separator, columns) : jsonFields(line)
}

/** [RFC 4180] A field in quotes has `""` for a quote. Lines within quotes are not for files that grow line by line. */
export function csvRecord(line: string, separator: string): string[] | undefined {
  const fields: string[] = []
  for (let at = 0; at <= line.length; ) {
    const isQuoted = line[at] === '"'
    const end = isQuoted ? quoteEnd(line, at) : nextOf(line, separator, at)
    if (end === -1) return undefined
    const next = isQuoted ? end + 1 : end
    if (next < line.length && !line.startsWith(separator, next)) return undefined
    fields.push(isQuoted ? line.slice(at + 1, end).replaceAll('""', '"') : line.slice(at, end).trim())
    at = next + separator.length
  }
  return fields
}

const nextOf = (line: string, separator: string, from: number) => {
  const at = line.indexOf(separator, from)
  return at === -1 ? line.length : at
}

function quoteEnd(line: string, from: number): number {
  for (let at = from + 1; at < line.length; at += 1) {
    if (line[at] !== '"') continue
    if (line[at + 1] !== '"') return at
    at += 1
  }
  return -1
}

function csvFields(line: string, separator: string, columns: readonly string[]): Fields {
  const values = csvRecord(line, separator)
  if (!values || values.length > columns.length) return undefined
  return { get: (name) => values[columns.indexOf(name)] }
}

function jsonFields(line: string): Fields {
  try {
    const whole: unknown = JSON.parse(line)
    if (typeof whole !== 'object' || whole === null) return undefined
    return { get: (name) => place(whole, name) }
  } catch {
    return undefined
  }
}

/** A name that has dots of its own is itself; else each dot is a step down. */
function place(whole: object, name: string): unknown {
  const entry = (from: unknown, key: string): unknown =>
    typeof from === 'object' && from !== null && Object.hasOwn(from, key)
      ? Object.entries(from).find(([k]) => k === key)?.[1]
      : undefined
  const own = entry(whole, name)
  return own === undefined ? name.split('.').reduce(entry, whole) : own
}

export type LineReading = { reading: Reading; places: Uint32Array }

/** What the line says of the tags; what it has not it says nothing of. */
export function readLine(
  fields: Fields,
  { tags, time }: { tags: readonly FilesTag[]; time: FilesConnection['time'] },
  receivedTimeMs: number,
): LineReading {
  const reading = emptyReading(tags.length)
  const places: number[] = []
  const sourceTimeMs = fields && time ? timeOf(fields.get(time.field), time.as) : undefined
  for (const [index, tag] of tags.entries()) {
    const raw = fields ? fields.get(tag.address) : null
    if (raw === undefined || raw === '') continue
    places.push(index)
    const value = fields ? readField(tag, raw, receivedTimeMs) : badValue(tag.name, UNREADABLE, receivedTimeMs)
    reading.others.set(index, sourceTimeMs === undefined ? value : { ...value, sourceTimeMs })
  }
  return { reading, places: Uint32Array.from(places) }
}

const UNREADABLE = { code: 'line_unreadable', message: 'a line of the file is not in its format' }

function readField(tag: FilesTag, raw: unknown, receivedTimeMs: number): TagValue {
  const value = contentOf(raw, tag.type)
  if (value !== undefined) return tagValue(tag, { value, isInexact: false }, receivedTimeMs)
  const message = `the file has ${JSON.stringify(raw).slice(0, 100)}, expected a ${tag.type}`
  return badValue(tag.name, { code: 'value_type', message }, receivedTimeMs)
}

const BOOLS: ReadonlyMap<string, boolean> = new Map([
  ...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'off'].map((word) => [word, false] as const),
])

function contentOf(raw: unknown, type: FilesTag['type']): TagContent | undefined {
  if (type === 'string') return typeof raw === 'string' ? raw : JSON.stringify(raw)
  if (type === 'bool') return BOOLS.get(String(raw).toLowerCase())
  if (typeof raw === 'number') return raw
  const number = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : Number.NaN
  return Number.isNaN(number) ? undefined : number
}

/** Undefined where it is no time. */
function timeOf(raw: unknown, as: 'iso' | 'seconds' | 'milliseconds'): number | undefined {
  const ms = as === 'iso' ? Date.parse(String(raw)) : Number(raw) * (as === 'seconds' ? 1_000 : 1)
  return Number.isFinite(ms) ? Math.round(ms) : undefined
}
