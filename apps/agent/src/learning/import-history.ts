/**
 * Import history: the command that makes a recording for learning from CSV files. It works beside a running agent, and no
 * row leaves this computer.
 */
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { LEARNED_ROWS_MAX, LEARNED_TAGS_MAX } from '@skerry/contract/learning/learning'
import {
  anomalyLayout,
  type CsvLayout,
  type CsvResult,
  csvNumbers,
  labelSpans,
  lookoutLayout,
  parseLookoutSchema,
} from '@skerry/core/learning/history-csv'
import type { HistoryImport } from './import-options.ts'
import { saveRecording } from './recordings.ts'

const ASKED_WRONGLY = 2

/** 200,000 rows of 32 tags in decimals have some 100 MB. */
const FILE_BYTES_MAX = 256 * 1024 ** 2

/** Resolves with the exit code. */
export async function importHistory(data: string, wish: HistoryImport): Promise<number> {
  const read = await readHistory(wish)
  if (!read.ok) {
    process.stderr.write(`skerry agent: ${read.message}\n`)
    return ASKED_WRONGLY
  }
  const { tags, everyMs, rows } = read.value
  await saveRecording(data, wish.name, { note: { tags, everyMs, rows: rows.length }, rows })
  const flags = tags.map((tag) => `--tag ${tag}`).join(' ')
  process.stdout.write(
    `${wish.name} has ${rows.length} rows of ${tags.join(', ')}, one each ${everyMs} ms\n` +
      `learn from it: skerry learn start NAME --device DEVICE --source SOURCE ${flags} --every-ms ${everyMs} --recording ${wish.name}\n`,
  )
  return 0
}

const KEEP_NEWEST = `a learning takes ${LEARNED_ROWS_MAX}, so keep the newest ones`

type Row = { timeMs: number; values: number[] }
type HistoryRows = { tags: string[]; everyMs: number; rows: Row[] }

/** The rows of all files, on the multiples of the time between two rows, as a learning and its alarm take them. */
export async function readHistory(wish: HistoryImport): Promise<CsvResult<HistoryRows>> {
  const schema = wish.schema === undefined ? undefined : parseLookoutSchema(await readFile(wish.schema, 'utf8'))
  if (schema && !schema.ok) return schema
  const faults = wish.labels === undefined ? undefined : labelSpans(await readFile(wish.labels, 'utf8'))
  if (faults && !faults.ok) return { ok: false, message: `${wish.labels}: ${faults.message}` }
  const parts: { layout: CsvLayout; rows: Row[] }[] = []
  for (const file of wish.files) {
    const part = await readFileRows(file, (head) => layoutFor(file, head, wish, schema?.value))
    if (!part.ok) return { ok: false, message: `${file}: ${part.message}` }
    parts.push(part.value)
  }
  const tags = parts.flatMap(({ layout }) => layout.tags.map(({ tag }) => tag))
  const trouble = tagsTrouble(tags, wish)
  if (trouble !== undefined) return { ok: false, message: trouble }
  const everyMs = wish.everyMs ?? usualStepMs(parts)
  if (everyMs === undefined) return { ok: false, message: 'the files have fewer than two rows; give --import-every-ms' }
  const sound = mergeRows(parts, tags.length, everyMs)
  const rows = sound.filter(({ timeMs }) => !faults?.value.some((span) => timeMs >= span.fromMs && timeMs <= span.toMs))
  if (rows.length > LEARNED_ROWS_MAX)
    return { ok: false, message: `the files have ${rows.length} rows; ${KEEP_NEWEST}` }
  return { ok: true, value: { tags, everyMs, rows } }
}

function layoutFor(
  file: string,
  head: string,
  { tags }: HistoryImport,
  components: Parameters<typeof lookoutLayout>[0] | undefined,
): CsvResult<CsvLayout> {
  const name = basename(file, extname(file))
  // A component is a folder of the bucket, and its file may have any name.
  const component = components?.some(({ ComponentName }) => ComponentName === name) ? name : basename(dirname(file))
  const layout = components ? lookoutLayout(components, component, head) : anomalyLayout(head, name)
  if (!layout.ok || tags.length === 0) return layout
  return { ok: true, value: { ...layout.value, tags: layout.value.tags.filter(({ tag }) => tags.includes(tag)) } }
}

function tagsTrouble(tags: readonly string[], wish: HistoryImport): string | undefined {
  const twice = tags.find((tag, at) => tags.indexOf(tag) !== at)
  if (twice !== undefined) return `two files have the tag ${twice}; rename the column in one of them`
  const missing = wish.tags.find((tag) => !tags.includes(tag))
  if (missing !== undefined) return `no file has the column ${missing} of --import-tag`
  if (tags.length <= LEARNED_TAGS_MAX) return undefined
  return `the files have ${tags.length} columns, and a learning takes ${LEARNED_TAGS_MAX}; name some with --import-tag`
}

async function readFileRows(
  file: string,
  layoutOf: (head: string) => CsvResult<CsvLayout>,
): Promise<CsvResult<{ layout: CsvLayout; rows: Row[] }>> {
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile()) return { ok: false, message: 'there is no such file' }
  if (found.size > FILE_BYTES_MAX) return { ok: false, message: 'the file has more than 256 MB; split it by time' }
  let layout: CsvLayout | undefined
  const rows: Row[] = []
  let number = 0
  for await (const line of createInterface({
    input: createReadStream(file, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number += 1
    if (line.trim() === '') continue
    if (!layout) {
      const read = layoutOf(line)
      if (!read.ok) return read
      layout = read.value
      continue
    }
    const numbers = csvNumbers(line, layout)
    if (!numbers.ok) return { ok: false, message: `line ${number} ${numbers.message}` }
    if (rows.length >= LEARNED_ROWS_MAX)
      return { ok: false, message: `there are more than ${LEARNED_ROWS_MAX} rows; ${KEEP_NEWEST}` }
    rows.push(numbers.value)
  }
  return layout ? { ok: true, value: { layout, rows } } : { ok: false, message: 'the file is empty' }
}

/** The median time between two rows of the first file with two. */
function usualStepMs(parts: readonly { rows: readonly Row[] }[]): number | undefined {
  const rows = parts.find((part) => part.rows.length > 1)?.rows
  if (!rows) return undefined
  const times = rows.map(({ timeMs }) => timeMs).toSorted((a, b) => a - b)
  const steps = times.slice(1).map((timeMs, at) => timeMs - (times[at] ?? timeMs))
  const sorted = steps.filter((ms) => ms > 0).toSorted((a, b) => a - b)
  const step = sorted[Math.floor(sorted.length / 2)]
  return Math.min(STEP_MS_MAX, Math.max(STEP_MS_MIN, step ?? STEP_MS_MIN))
}

/** The limits of the time between two rows of a learning. */
const STEP_MS_MIN = 100
const STEP_MS_MAX = 3_600_000

/** The last value of each tag within a step counts. */
function mergeRows(
  parts: readonly { layout: CsvLayout; rows: readonly Row[] }[],
  tags: number,
  everyMs: number,
): Row[] {
  const byTime = new Map<number, number[]>()
  let first = 0
  for (const { layout, rows } of parts) {
    for (const { timeMs, values } of rows) {
      const at = Math.floor(timeMs / everyMs) * everyMs
      const line = byTime.get(at) ?? new Array<number>(tags).fill(Number.NaN)
      byTime.set(at, line)
      for (const [column, value] of values.entries()) if (!Number.isNaN(value)) line[first + column] = value
    }
    first += layout.tags.length
  }
  return [...byTime].toSorted(([a], [b]) => a - b).map(([timeMs, values]) => ({ timeMs, values }))
}
