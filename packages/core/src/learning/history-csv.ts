/**
 * History CSV: the files from which two services that have ended learned, as rows of tags.
 *
 * - Lookout for Equipment: a JSON schema of components, and for each one CSV with a DATETIME column and DOUBLE columns.
 * - Anomaly Detector: OneTable, a `timestamp` column and one for each variable; or MultiTable, a file for each variable
 *   with the columns `timestamp` and `value`, whose name is that of the file.
 */
import { TagName } from '@skerry/contract/sources/tag'
import * as z from 'zod'
import { csvRecords } from '../values/csv-rows.ts'

/** The columns of a file: the place of the time, and the place of each tag. */
export type CsvLayout = { time: number; tags: { tag: string; column: number }[]; columns: number }

export type CsvResult<Value> = { ok: true; value: Value } | { ok: false; message: string }

const refuse = (message: string) => ({ ok: false, message }) as const

const Column = z.object({ Name: z.string().min(1), Type: z.enum(['DATETIME', 'DOUBLE', 'STRING']) })
const LookoutSchema = z.object({
  Components: z.array(z.object({ ComponentName: z.string().min(1), Columns: z.array(Column).min(2) })).min(1),
})

/** The schema of a data set of Lookout for Equipment, as its inline text. */
export function parseLookoutSchema(text: string): CsvResult<z.infer<typeof LookoutSchema>['Components']> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return refuse('the schema is no JSON; give the inline data schema of the data set')
  }
  const schema = LookoutSchema.safeParse(json)
  if (schema.success) return { ok: true, value: schema.data.Components }
  const [issue] = schema.error.issues
  return refuse(`the schema does not fit: ${issue?.path.join('.')}: ${issue?.message}`)
}

/** The layout of a component: its columns must be those of the head line, in any order. */
export function lookoutLayout(
  components: readonly { ComponentName: string; Columns: readonly z.infer<typeof Column>[] }[],
  component: string,
  head: string,
): CsvResult<CsvLayout> {
  const found = components.find(({ ComponentName }) => ComponentName === component)
  if (!found)
    return refuse(
      `the schema has no component ${component}; it has ${components.map(({ ComponentName }) => ComponentName).join(', ')}`,
    )
  const cells = cellsOf(head)
  if (!cells.ok) return cells
  const [time, ...more] = found.Columns.filter(({ Type }) => Type === 'DATETIME')
  if (!time || more.length > 0) return refuse(`the component ${component} must have one column of the type DATETIME`)
  const missing = found.Columns.find(({ Name }) => !cells.value.includes(Name))
  if (missing) return refuse(`the head line has no column ${missing.Name}, which the schema names`)
  const tags = found.Columns.filter(({ Type }) => Type === 'DOUBLE').map(({ Name }) => Name)
  return layoutOf(cells.value, time.Name, tags)
}

/** The layout of OneTable, and of MultiTable if the columns are `timestamp` and `value`: its variable is the file's name. */
export function anomalyLayout(head: string, variable: string): CsvResult<CsvLayout> {
  const cells = cellsOf(head)
  if (!cells.ok) return cells
  if (!cells.value.includes('timestamp')) return refuse('the head line has no column timestamp')
  const tags = cells.value.filter((cell) => cell !== 'timestamp')
  const layout = layoutOf(cells.value, 'timestamp', tags)
  if (!layout.ok || tags.length !== 1 || tags[0] !== 'value') return layout
  const name = tagOf(variable)
  return name.ok
    ? { ok: true, value: { ...layout.value, tags: [{ tag: name.value, column: cells.value.indexOf('value') }] } }
    : name
}

function cellsOf(line: string): CsvResult<string[]> {
  const read = csvRecords(line, ',')
  const cells = read.ok ? read.records[0]?.cells.map((cell) => cell.trim()) : undefined
  if (!cells) return refuse('the first line must name the columns, separated by commas')
  const twice = cells.find((cell, at) => cells.indexOf(cell) !== at)
  return twice === undefined ? { ok: true, value: cells } : refuse(`the head line names the column ${twice} twice`)
}

/** A name that tags do not allow is written with _ in place of the characters that do not fit. */
function tagOf(name: string): CsvResult<string> {
  const fitted = name.replaceAll(/[^A-Za-z0-9_.-]/g, '_').replace(/^(?=[^A-Za-z_])/, '_')
  const tag = TagName.safeParse(fitted)
  return tag.success ? { ok: true, value: tag.data } : refuse(`${name} is no name of a tag; rename the column`)
}

function layoutOf(cells: readonly string[], time: string, names: readonly string[]): CsvResult<CsvLayout> {
  if (names.length === 0) return refuse('no column has numbers')
  const tags: CsvLayout['tags'] = []
  for (const name of names) {
    const tag = tagOf(name)
    if (!tag.ok) return tag
    if (tags.some((other) => other.tag === tag.value))
      return refuse(`two columns become the tag ${tag.value}; rename one`)
    tags.push({ tag: tag.value, column: cells.indexOf(name) })
  }
  return { ok: true, value: { time: cells.indexOf(time), tags, columns: cells.length } }
}

export type CsvNumbers = { timeMs: number; values: number[] }

/** The numbers of one line. An empty cell is missing; a text in place of a number is not. */
export function csvNumbers(line: string, { time, tags, columns }: CsvLayout): CsvResult<CsvNumbers> {
  const read = csvRecords(line, ',')
  const cells = read.ok ? read.records[0]?.cells : undefined
  if (!cells) return refuse('has an unmatched quote')
  if (cells.length !== columns) return refuse(`has ${cells.length} values for ${columns} columns`)
  const timeMs = csvTime((cells[time] ?? '').trim())
  if (timeMs === undefined)
    return refuse(`has the time "${cells[time]}"; write ISO 8601 such as 2026-11-30T10:00:00Z, or seconds since 1970`)
  const values: number[] = []
  for (const { tag, column } of tags) {
    const cell = (cells[column] ?? '').trim()
    const number = cell === '' || /^(?:nan|null)$/i.test(cell) ? Number.NaN : Number(cell)
    if (Number.isNaN(number) && cell !== '' && !/^(?:nan|null)$/i.test(cell))
      return refuse(`has "${cell.slice(0, 40)}" in the column ${tag}, which is no number`)
    values.push(Number.isFinite(Math.fround(number)) ? number : Number.NaN)
  }
  return { ok: true, value: { timeMs, values } }
}

/** The labels of Lookout for Equipment: the begin and the end of a time on each line, without a head line. */
export function labelSpans(text: string): CsvResult<{ fromMs: number; toMs: number }[]> {
  const read = csvRecords(text, ',')
  if (!read.ok) return refuse(`line ${read.line} has an unmatched quote`)
  const spans: { fromMs: number; toMs: number }[] = []
  for (const { line, cells } of read.records) {
    const [fromMs, toMs] = cells.map((cell) => csvTime(cell.trim()))
    if (fromMs === undefined || toMs === undefined || toMs < fromMs)
      return refuse(`line ${line} must have the begin and the end of a time, without a head line`)
    spans.push({ fromMs, toMs })
  }
  return { ok: true, value: spans }
}

/** Date and time with any usual separator, as both services took them. */
const DATE = /^(\d{4})[-/ ]?(\d\d)[-/ ]?(\d\d)[T :-]?(\d\d)[:-]?(\d\d)[:-]?(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/

/** Seconds of later years have eleven digits, and milliseconds of this time thirteen. */
const EPOCH = /^(\d{9,10}|\d{12,13})(?:\.\d+)?$/

/** A time without a zone is UTC, as for both services. */
export function csvTime(text: string): number | undefined {
  const epoch = EPOCH.exec(text)
  if (epoch) return Math.round(Number(text) * ((epoch[1] ?? '').length <= 10 ? 1_000 : 1))
  const found = DATE.exec(text)
  if (!found) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number)
  const days = daysUntil(year, month, day)
  if (days === undefined || hour > 23 || minute > 59 || second > 60) return undefined
  const millis = Number((found[7] ?? '').padEnd(3, '0').slice(0, 3))
  return days * 86_400_000 + hour * 3_600_000 + minute * 60_000 + second * 1_000 + millis - offsetMs(found[8])
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const isLeap = (year: number) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

/** Days from 1970 to this one. Undefined if the calendar has no such day. */
function daysUntil(year: number, month: number, day: number): number | undefined {
  const lengths = MONTH_DAYS.map((days, at) => (at === 1 && isLeap(year) ? 29 : days))
  if (year < 1970 || day < 1 || day > (lengths[month - 1] ?? 0)) return undefined
  const before = year - 1
  const leaps = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - LEAPS_BEFORE_1970
  return (year - 1970) * 365 + leaps + lengths.slice(0, month - 1).reduce((sum, days) => sum + days, 0) + day - 1
}

const LEAPS_BEFORE_1970 = 477

function offsetMs(zone: string | undefined): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone ?? '') ?? []
  if (sign === undefined) return 0
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}
