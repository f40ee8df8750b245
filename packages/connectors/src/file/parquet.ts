/** Parquet: turns a complete file of JSON lines into columns. What was torn is left out; it was never delivered. */
import { parquetWriteBuffer } from 'hyparquet-writer'

type Line = {
  id: string
  time: string
  signal: string
  quality: string
  value?: unknown
  cause?: string
  unit?: string
  source?: string
  tag?: string
  flow?: string
}

/** Numbers and booleans are numbers; text and arrays, as JSON, are text. So a signal is a column that can be computed with. */
export function parquetOf(lines: string): Uint8Array {
  const rows = lines.split('\n').flatMap((line): Line[] => (line === '' ? [] : [JSON.parse(line)]))
  const text = (name: 'cause' | 'unit' | 'source' | 'tag' | 'flow') => ({
    name,
    data: rows.map((row) => row[name] ?? null),
    type: 'STRING' as const,
    nullable: true,
  })
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: 'time', data: rows.map(({ time }) => new Date(time)), type: 'TIMESTAMP', nullable: false },
      { name: 'signal', data: rows.map(({ signal }) => signal), type: 'STRING', nullable: false },
      { name: 'number', data: rows.map(({ value }) => numberOf(value)), type: 'DOUBLE', nullable: true },
      { name: 'text', data: rows.map(({ value }) => textOf(value)), type: 'STRING', nullable: true },
      { name: 'quality', data: rows.map(({ quality }) => quality), type: 'STRING', nullable: false },
      ...(['cause', 'unit', 'source', 'tag', 'flow'] as const).map(text),
      { name: 'id', data: rows.map(({ id }) => id), type: 'STRING', nullable: false },
    ],
  })
  return new Uint8Array(buffer)
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'number' ? value : null
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : null
}
