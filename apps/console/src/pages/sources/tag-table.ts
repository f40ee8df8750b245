/**
 * Tag table: tags out of CSV, as csvOf gives them or a spreadsheet does: a line for each tag, a column for whatever may be said of one. What is wrong stands
 * with the line that it is in; whether the tags are sound is checked with the rest of the source.
 */
import { LOOKS_LIKE_JSON, TEXT_FIELDS } from './tag-rows.ts'

export type TagTable =
  | { ok: true; groups: readonly { name: string; everyMs: unknown; tags: readonly Record<string, unknown>[] }[] }
  | { ok: false; line: number; message: 'columns' | 'quotes' | 'cells' | 'rates' }

/** What a line needs to be a tag. */
const NEEDED = ['group', 'everyMs', 'name'] as const

/** Groups in the order in which they come. */
export function readTagTable(text: string): TagTable {
  const lines = csvLines(text.replace(/^\uFEFF/, ''))
  if (!lines.ok) return lines
  const [head, ...rows] = lines.rows
  const columns = head?.cells.map((cell) => cell.trim()) ?? []
  if (NEEDED.some((column) => !columns.includes(column))) return { ok: false, line: 1, message: 'columns' }
  const groups = new Map<string, { name: string; everyMs: unknown; tags: Record<string, unknown>[] }>()
  for (const { cells, line } of rows) {
    if (cells.length !== columns.length) return { ok: false, line, message: 'cells' }
    const said = columns.map((column, index) => [column, cells[index] ?? ''] as const).filter(([, cell]) => cell !== '')
    const { group, everyMs, ...tag } = Object.fromEntries(
      said.map(([column, cell]) => [column, contentOf(column, cell)]),
    )
    const known = groups.get(String(group)) ?? { name: String(group), everyMs, tags: [] }
    if (known.everyMs !== everyMs) return { ok: false, line, message: 'rates' }
    known.tags.push(tag)
    groups.set(known.name, known)
  }
  return { ok: true, groups: [...groups.values()] }
}

/** Numbers, true and false, lists and objects as JSON; all else is text, and so is what has a quote in front, which goes. */
function contentOf(column: string, cell: string): unknown {
  if (cell.startsWith("'")) return cell.slice(1)
  if (TEXT_FIELDS.has(column) || !LOOKS_LIKE_JSON.test(cell)) return cell
  try {
    return JSON.parse(cell)
  } catch {
    return cell
  }
}

type Row = { line: number; cells: string[] }

/** [RFC 4180] Comma, or the semicolon of spreadsheets in much of Europe; whichever the first line has. */
function csvLines(text: string): { ok: true; rows: Row[] } | { ok: false; line: number; message: 'quotes' } {
  const separator = text.split('\n', 1)[0]?.includes(';') ? ';' : ','
  const cell = new RegExp(`("(?:[^"]|"")*"|[^"${separator}\\r\\n]*)(${separator}|\\r?\\n|$)`, 'y')
  const rows: Row[] = []
  let [row, line]: [Row, number] = [{ line: 1, cells: [] }, 1]
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text)
    if (!found) return { ok: false, line, message: 'quotes' }
    const [, raw = '', end = ''] = found
    row.cells.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw)
    line += raw.split('\n').length - 1
    if (end === separator) continue
    line += 1
    if (row.cells.some((each) => each !== '')) rows.push(row)
    row = { line, cells: [] }
  }
  return { ok: true, rows }
}
