/** SQL value: what a row says of each tag. */
import { emptyReading, type Reading } from '@skerry/connectors/reading'
import { badValue, tagValue } from '@skerry/connectors/value'
import type { SqlTag } from '@skerry/contract/sources/protocols/source-sql'
import type { TagCause, TagContent, TagValue } from '@skerry/contract/sources/tag'
import type { Rows } from './wire.ts'

type Row = readonly (string | null)[]

/** [pg_type] int8, int2, int4, oid, float4, float8, numeric. */
const NUMBER_TYPES: ReadonlySet<number> = new Set([20, 21, 23, 26, 700, 701, 1700])
const BOOL_TYPE = 16

export type SqlGroup = { tags: readonly SqlTag[]; time?: string | undefined }

/** Each tag from the first row that is its own. */
export function readRows(group: SqlGroup, answer: Rows, receivedTimeMs: number): Reading {
  const find = (tag: SqlTag) => answer.rows.find((row) => isRowOf(tag, answer.columns, row))
  return readingOf(group, (tag) => readTag(tag, { group, answer, row: find(tag) }, receivedTimeMs))
}

/** What one row of many says, and of which tags it is. */
export function readRow(group: SqlGroup, answer: Rows, row: Row, receivedTimeMs: number) {
  const places = [...group.tags.keys()].filter((place) => {
    const tag = group.tags[place]
    return tag !== undefined && isRowOf(tag, answer.columns, row)
  })
  const reading = readingOf(group, (tag) => readTag(tag, { group, answer, row }, receivedTimeMs))
  return { reading, places: Uint32Array.from(places) }
}

export function badRows({ tags }: SqlGroup, cause: TagCause, receivedTimeMs: number): Reading {
  return readingOf({ tags }, ({ name }) => badValue(name, cause, receivedTimeMs))
}

function readingOf({ tags }: SqlGroup, made: (tag: SqlTag) => TagValue): Reading {
  const reading = emptyReading(tags.length)
  for (const [place, tag] of tags.entries()) reading.others.set(place, made(tag))
  return reading
}

function isRowOf({ row: wanted = {} }: SqlTag, columns: readonly string[], row: Row): boolean {
  return Object.entries(wanted).every(([column, value]) => {
    const text = row[columns.indexOf(column)]
    return text === (typeof value === 'boolean' ? (value ? 't' : 'f') : String(value))
  })
}

type Place = { group: SqlGroup; answer: Rows; row: Row | undefined }

function readTag(tag: SqlTag, { group, answer, row }: Place, receivedTimeMs: number): TagValue {
  const column = answer.columns.indexOf(tag.address)
  const bad = (code: string, message: string) => badValue(tag.name, { code, message }, receivedTimeMs)
  if (column === -1) return bad('address_unknown', `the query returns no column ${tag.address}`)
  if (!row) return bad('row_missing', 'the query returns no such row')
  const text = row[column] ?? undefined
  if (text === undefined) return bad('value_null', 'the database has no value in this place')
  const value = contentOf(text, answer.types[column] ?? 0)
  const isInexact = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
  const read = tagValue(tag, { value, isInexact }, receivedTimeMs)
  const sourceTimeMs = timeOf(row[answer.columns.indexOf(group.time ?? '')])
  return sourceTimeMs === undefined ? read : { ...read, sourceTimeMs }
}

function contentOf(text: string, type: number): TagContent {
  if (type === BOOL_TYPE) return text === 't'
  return NUMBER_TYPES.has(type) ? Number(text) : text
}

/** As ISO of PostgreSQL has it: `2026-11-27 10:20:30.25+00`; without a zone it is taken for UTC. */
function timeOf(text: string | null | undefined): number | undefined {
  const [, day, time, zone] = /^(\d{4}-\d{2}-\d{2})[ T]([\d:.]+)([+-]\d{2}(?::?\d{2})?)?$/.exec(text ?? '') ?? []
  if (!day) return undefined
  const offset = zone === undefined ? 'Z' : zone.length === 3 ? `${zone}:00` : zone
  const ms = Date.parse(`${day}T${time?.replace(/(\.\d{3})\d+/, '$1')}${offset}`)
  return Number.isNaN(ms) ? undefined : ms
}
