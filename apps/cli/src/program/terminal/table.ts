/** Table: rows for people, in columns without lines, so that they can be read, cut and grepped. */
import Table from 'cli-table3'
import type { Style } from './style.ts'

const border = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
  'left',
  'left-mid',
  'mid',
  'mid-mid',
  'right',
  'right-mid',
] as const
const NO_BORDER = { ...Object.fromEntries(border.map((name) => [name, ''])), middle: '  ' }

type Cell = string | number | undefined

/** Columns under their heads; `empty` is what to say where there are no rows. */
export function tableOf(
  style: Style,
  heads: readonly string[],
  rows: readonly (readonly Cell[])[],
  empty: string,
): string {
  if (rows.length === 0) return style.dim(empty)
  return render([heads.map((head) => style.bold(head)), ...rows])
}

/** Facts of one thing: a name and a value a line; those without a value are left out. */
export function factsOf(style: Style, facts: readonly (readonly [string, Cell])[]): string {
  const known = facts.filter(([, value]) => value !== undefined && value !== '')
  return render(known.map(([name, value]) => [style.dim(name), value]))
}

function render(rows: readonly (readonly Cell[])[]): string {
  const table = new Table({ chars: NO_BORDER, style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 } })
  table.push(...rows.map((row) => row.map((cell) => (cell === undefined || cell === '' ? '-' : String(cell)))))
  return table.toString().replaceAll(/ +$/gm, '')
}
