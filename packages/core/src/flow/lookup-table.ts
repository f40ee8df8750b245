/** Lookup table: the values of a file of data by their keys, as steps of flows use them. */
import type { FlowStep } from '@skerry/contract/flows/flow-step'
import { csvRecords } from '../values/csv-rows.ts'

/** Keys are texts. The number 7 is the key `7`. */
export type LookupTable = ReadonlyMap<string, number | string>

export type LookupStep = Extract<FlowStep, { kind: 'lookup' }>

/** Some 20,000 rows. Each flow that uses the table holds it in memory, and a larger one belongs into a model. */
export const TABLE_BYTES_MAX = 1024 ** 2
export const TABLE_ROWS_MAX = 20_000

export type ReadTable = { ok: true; table: LookupTable } | { ok: false; message: string }

/** Thrown inside this file only. */
class TableFault extends Error {}

/** Reads the text of the file that the step names. */
export function readTable(step: Pick<LookupStep, 'file' | 'key' | 'value' | 'gives'>, text: string): ReadTable {
  try {
    const pairs = step.file.endsWith('.csv') ? csvPairs(step, text) : jsonPairs(step, text)
    if (pairs.length > TABLE_ROWS_MAX) fault(`it has ${pairs.length} rows; a table has at most ${TABLE_ROWS_MAX}`)
    const table = new Map<string, number | string>()
    for (const [key, value] of pairs) {
      if (table.has(key)) fault(`the key ${shown(key)} is there twice`)
      table.set(key, cellValue(step, key, value))
    }
    return { ok: true, table }
  } catch (error) {
    if (!(error instanceof TableFault)) throw error
    return { ok: false, message: error.message }
  }
}

type Pair = readonly [key: string, value: unknown]

/** [RFC 4180] The first line names the columns. */
function csvPairs({ key, value }: Pick<LookupStep, 'key' | 'value'>, text: string): Pair[] {
  const read = csvRecords(text, ',')
  if (!read.ok) return fault(`line ${read.line} has a quote that does not fit`)
  const [head, ...rows] = read.records
  const names = (head?.cells ?? []).map((name) => name.trim())
  const place = (name: string | undefined, usual: number) => {
    const at = name === undefined ? usual : names.indexOf(name)
    return at >= 0 && at < names.length
      ? at
      : fault(`it has no column ${name ?? usual + 1}; its columns are ${shown(names.join(', '))}`)
  }
  const [keys, values] = [place(key, 0), place(value, 1)]
  return rows.map(({ cells }) => [(cells[keys] ?? '').trim(), (cells[values] ?? '').trim()])
}

/** An object with a field for each key, or a list of objects. */
function jsonPairs(step: Pick<LookupStep, 'key' | 'value'>, text: string): Pair[] {
  const content = parseJson(text)
  if (Array.isArray(content)) return content.map((row: unknown, index) => listPair(step, row, index))
  if (!isRecord(content)) return fault('it is neither an object nor a list of objects')
  const { value } = step
  return Object.entries(content).map(([key, found]) => [key, value === undefined ? found : fieldOf(found, value, key)])
}

function listPair({ key, value }: Pick<LookupStep, 'key' | 'value'>, row: unknown, index: number): Pair {
  if (key === undefined || value === undefined) return fault('it is a list; name its fields with key and value')
  const at = `row ${index + 1}`
  const found = fieldOf(row, key, at)
  if (typeof found !== 'string' && typeof found !== 'number') return fault(`${at}: ${key} is no number and no text`)
  return [String(found), fieldOf(row, value, at)]
}

const fieldOf = (row: unknown, field: string, at: string): unknown =>
  isRecord(row) && Object.hasOwn(row, field) ? row[field] : fault(`${shown(at)} has no field ${field}`)

/** Cells of a CSV file are texts. */
function cellValue({ gives }: Pick<LookupStep, 'gives'>, key: string, value: unknown): number | string {
  if (gives === 'text' && (typeof value === 'string' || typeof value === 'number')) return String(value)
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (gives === 'number' && typeof number === 'number' && Number.isFinite(number)) return number
  return fault(`the value of the key ${shown(key)} is no ${gives}`)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return fault('it is no JSON')
  }
}

/** A message is read by people. */
const shown = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text)

function fault(message: string): never {
  throw new TableFault(message)
}
