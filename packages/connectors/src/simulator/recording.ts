/** Recording: readings of a CSV file in their own time. */
import { readFile, stat } from 'node:fs/promises'
import { SourceTrouble } from '@skerry/connectors/session'
import type { Recording } from '@skerry/contract/sources/protocols/source-simulator'
import type { TagContent } from '@skerry/contract/sources/tag'
import { csvRows } from '@skerry/core/values/csv-rows'

/** All of it is kept in memory. */
const FILE_BYTES_MAX = 64 * 1024 * 1024

/** [packages/contract/src/sources/protocols/source-simulator.ts] Of a column that a signal may name. */
const COLUMN_MAX = 250

export type Replay = {
  /** What the column had at so long after the beginning; undefined where there is no such column, or nothing in it. */
  valueAt(column: string, elapsedMs: number): TagContent | undefined
  /** Other than that of the times, with the first thing that each says. */
  columns: ReadonlyMap<string, TagContent | undefined>
}

type Row = { atMs: number; values: Readonly<Record<string, string>> }

/** Throws `SourceTrouble` where the file is no recording. */
export async function openReplay(recording: Recording): Promise<Replay> {
  const { path } = recording
  try {
    const { size } = await stat(path)
    if (size > FILE_BYTES_MAX) throw new Error(`it has ${size} bytes, more than ${FILE_BYTES_MAX}`)
    return replayOf(
      csvRows(await readFile(path, 'utf8')).map(({ values }) => values),
      recording,
    )
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new SourceTrouble('source_unreachable', `cannot replay ${path} (${reason})`, { cause })
  }
}

export function replayOf(
  values: readonly Readonly<Record<string, string>>[],
  { time, timeAs, speed, loop }: Omit<Recording, 'path'>,
): Replay {
  const rows = values.map((row): Row => ({ atMs: timeOf(row[time.toLowerCase()], timeAs), values: row }))
  const firstMs = rows[0]?.atMs ?? Number.NaN
  const lastMs = rows.at(-1)?.atMs ?? Number.NaN
  const isOrdered = rows.every(({ atMs }, index) => atMs >= (rows[index - 1]?.atMs ?? atMs))
  if (!Number.isFinite(firstMs) || !isOrdered) throw new Error(`the times in its column ${time} do not increase`)
  // The last reading lasts as long as the ones before it do.
  const lengthMs = lastMs - firstMs + (rows.length > 1 ? (lastMs - firstMs) / (rows.length - 1) : 1)
  const said = (name: string) => rows.find(({ values: row }) => (row[name] ?? '') !== '')?.values[name]
  const names = Object.keys(values[0] ?? {}).filter(
    (name) => name !== '' && name.length <= COLUMN_MAX && name !== time.toLowerCase(),
  )
  return {
    columns: new Map(names.map((name) => [name, contentOf(said(name))])),
    valueAt(column, elapsedMs) {
      const at = elapsedMs * speed
      const row = lastBefore(rows, firstMs + (loop ? at % lengthMs : at))
      return contentOf(row?.values[column.toLowerCase()])
    },
  }
}

function contentOf(text: string | undefined): TagContent | undefined {
  if (text === undefined || text === '') return undefined
  return Number.isNaN(Number(text)) ? text : Number(text)
}

function timeOf(text: string | undefined, as: Recording['timeAs']): number {
  if (text === undefined || text === '') return Number.NaN
  return as === 'iso' ? Date.parse(text) : Number(text) * (as === 'seconds' ? 1_000 : 1)
}

/** Found by halves: recordings are long. */
function lastBefore(rows: readonly Row[], atMs: number): Row | undefined {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle]?.atMs ?? 0) <= atMs) low = middle + 1
    else high = middle
  }
  return rows[low - 1]
}
