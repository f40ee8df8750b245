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

/** A column that only `-o wide` shows. */
type WideHead = { wide: string }

/** Columns under their heads. `empty` is the text for a table without rows. */
export function tableOf(
  style: Style,
  heads: readonly (string | WideHead)[],
  rows: readonly (readonly Cell[])[],
  empty: string,
): string {
  if (rows.length === 0) return style.dim(empty)
  const shown = heads.map((head) => typeof head === 'string' || style.isWide === true)
  const cut = <T>(cells: readonly T[]) => cells.filter((_, index) => shown[index] !== false)
  const first = cut(heads).map((head) => style.bold(typeof head === 'string' ? head : head.wide))
  return render([...(style.hasHeads === false ? [] : [first]), ...rows.map(cut)])
}

/** Facts of one thing, a name and a value a line. Facts without a value are omitted. */
export function factsOf(style: Style, facts: readonly (readonly [string, Cell])[]): string {
  const known = facts.filter(([, value]) => value !== undefined && value !== '')
  return render(known.map(([name, value]) => [style.dim(name), value]))
}

function render(rows: readonly (readonly Cell[])[]): string {
  const table = new Table({ chars: NO_BORDER, style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 } })
  table.push(...rows.map((row) => row.map((cell) => (cell === undefined || cell === '' ? '-' : String(cell)))))
  return table.toString().replaceAll(/ +$/gm, '')
}
