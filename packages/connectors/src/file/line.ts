/** File line: a value as a line of a file, and what stands above the first. */
import { sinkLine } from '@skerry/connectors/sink-line'
import type { FileFormat } from '@skerry/contract/sinks/protocols/sink-file'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'

export const CSV_COLUMNS = [
  'time',
  'signal',
  'value',
  'quality',
  'cause',
  'unit',
  'source',
  'tag',
  'flow',
  'id',
] as const

export const headerOf = (format: FileFormat): string => (format === 'csv' ? `${CSV_COLUMNS.join(',')}\n` : '')

/** Parquet is made of JSON lines, when a file is complete. */
export const fileLine = (format: FileFormat, id: string, value: SinkValue): string =>
  format === 'csv' ? csvLine(id, value) : `${sinkLine(id, value)}\n`

function csvLine(id: string, value: SinkValue): string {
  const { signal, source, tag, flow, unit, quality, eventTimeMs } = value
  const content = value.quality === 'bad' ? undefined : value.value
  const cause = value.quality === 'good' ? undefined : value.cause
  const text = typeof content === 'object' ? JSON.stringify(content) : content
  const cells = [new Date(eventTimeMs).toISOString(), signal, text, quality, cause, unit, source, tag, flow, id]
  return `${cells.map((cell) => cellOf(cell)).join(',')}\n`
}

/** [RFC 4180, 2] Text that a spreadsheet would run is kept from it by an apostrophe. */
function cellOf(content: string | number | boolean | undefined): string {
  if (typeof content !== 'string') return content === undefined ? '' : String(content)
  const safe = /^[=+\-@\t\r]/.test(content) ? `'${content}` : content
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
