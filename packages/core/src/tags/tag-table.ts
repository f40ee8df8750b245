/**
 * Tag table: tags out of CSV, as csvOf gives them or a spreadsheet does: a line for each tag, a column for whatever may be said of one. What is wrong stands
 * with the line and the column that it is in; whether the tags are sound is checked with the rest of the source.
 */
import { csvRecords } from '../values/csv-rows.ts'
import { groupsOf, LOOKS_LIKE_JSON, TEXT_FIELDS } from './tag-rows.ts'

/** `lines`: where each of the tags stands. */
export type TableGroup = { name: string; everyMs: unknown; tags: Record<string, unknown>[]; lines: number[] }

/** `column` is the name of one, or which it is, counted from 1, where the first line does not name it. */
export type TableFlaw = {
  line: number
  column: string
  message: 'missing' | 'repeated' | 'quotes' | 'short' | 'long' | 'empty' | 'rates' | 'twice'
}

/** Said behind the line and the column. */
export const tableFlawWords: Readonly<Record<TableFlaw['message'], string>> = {
  missing: 'is missing; the first line must name group, everyMs and name',
  repeated: 'appears twice in the first line',
  quotes: 'has an unmatched quote',
  short: 'is missing in this line',
  long: 'is one more than the first line names',
  empty: 'must not be empty',
  rates: 'has another rate for its group than an earlier line',
  twice: 'has the name of another tag',
}

export type TagTable = { ok: true; groups: readonly TableGroup[] } | ({ ok: false } & TableFlaw)

/** What a line needs to be a tag. */
const NEEDED = ['group', 'everyMs', 'name'] as const

/** What no line may leave empty; a rate may come from the source. */
const FILLED = ['group', 'name'] as const

/** Groups in the order in which they come. */
export function readTagTable(text: string): TagTable {
  const separator = text.split('\n', 1)[0]?.includes(';') ? ';' : ','
  const read = csvRecords(text, separator)
  if (!read.ok) return { ok: false, line: read.line, column: headOf(text, separator, read.cell), message: 'quotes' }
  const [head, ...rows] = read.records
  const columns = head?.cells.map((cell) => cell.trim()) ?? []
  const wrong = headFlaw(columns)
  if (wrong) return { ok: false, line: head?.line ?? 1, ...wrong }
  const groups = new Map<string, TableGroup>()
  const names = new Set<unknown>()
  for (const { line, cells } of rows) {
    const flaw = takeRow({ line, cells, columns, groups, names })
    if (flaw) return { ok: false, line, ...flaw }
  }
  return { ok: true, groups: [...groups.values()] }
}

/** What those groups become in a source: whatever else it says of a group stays as it was. */
export function withTableGroups(groups: unknown, table: readonly TableGroup[]): Record<string, unknown>[] {
  const known = new Map(groupsOf(groups).map((group) => [group.name, group]))
  return table.map(({ name, everyMs, tags }) => ({
    ...known.get(name),
    name,
    ...(everyMs !== undefined && { everyMs }),
    tags,
  }))
}

type Flaw = Omit<TableFlaw, 'line'>

function headFlaw(columns: readonly string[]): Flaw | undefined {
  const missing = NEEDED.find((column) => !columns.includes(column))
  if (missing !== undefined) return { column: missing, message: 'missing' }
  const repeated = columns.find((column, index) => column !== '' && columns.indexOf(column) < index)
  return repeated === undefined ? undefined : { column: repeated, message: 'repeated' }
}

type Row = {
  line: number
  cells: readonly string[]
  columns: readonly string[]
  groups: Map<string, TableGroup>
  names: Set<unknown>
}

/** Puts the tag of the row into its group, or says what is wrong with it. */
function takeRow({ line, cells, columns, groups, names }: Row): Flaw | undefined {
  if (cells.length < columns.length) return { column: columns[cells.length] ?? '', message: 'short' }
  if (cells.length > columns.length) return { column: String(columns.length + 1), message: 'long' }
  const said = columns.map((column, index) => [column, cells[index] ?? ''] as const).filter(([, cell]) => cell !== '')
  const { group, everyMs, ...tag } = Object.fromEntries(said.map(([column, cell]) => [column, contentOf(column, cell)]))
  const empty = FILLED.find((column) => (column === 'group' ? group : tag.name) === undefined)
  if (empty !== undefined) return { column: empty, message: 'empty' }
  if (names.has(tag.name)) return { column: 'name', message: 'twice' }
  const name = String(group)
  const known = groups.get(name) ?? { name, everyMs, tags: [], lines: [] }
  if (known.everyMs !== everyMs) return { column: 'everyMs', message: 'rates' }
  names.add(tag.name)
  known.tags.push(tag)
  known.lines.push(line)
  groups.set(name, known)
  return undefined
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

/** The name of a column, where the first line can be read. */
function headOf(text: string, separator: ',' | ';', cell: number): string {
  const head = csvRecords(text.split('\n', 1)[0] ?? '', separator)
  return (head.ok ? head.records[0]?.cells[cell]?.trim() : undefined) ?? String(cell + 1)
}
