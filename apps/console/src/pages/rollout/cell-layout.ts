/** Cell layout: where each device of a map stands, and which one stands at a place. Pure, so that it is tested without a browser. */

/** From all at once to one that fingers hit: WCAG 2.2 wants 24 px for a target that has no other way; the table is the other way. */
export const CELL_SIZES = [5, 8, 12, 20, 30] as const

/** Whole maps of 10,000 devices stay under a screen; a smaller one has larger cells. */
const DEVICES_MAX = [Number.POSITIVE_INFINITY, 4_000, 1_500, 400, 60] as const

export type CellLayout = { cell: number; step: number; columns: number; rows: number; height: number }

/** The largest size at which so many fit well. */
export const sizeFor = (count: number): number => DEVICES_MAX.findLastIndex((most) => count <= most)

/** Cells of one size, as many in a row as the width takes. */
export function layoutOf(count: number, { width, size }: { width: number; size: number }): CellLayout {
  const cell = CELL_SIZES[size] ?? CELL_SIZES[0]
  const step = cell + Math.max(1, Math.round(cell / 6))
  const columns = Math.max(1, Math.floor((width + step - cell) / step))
  const rows = Math.ceil(count / columns)
  return { cell, step, columns, rows, height: rows * step }
}

/** The index of the cell at a place; undefined past the last column or row. */
export function indexAt({ step, columns }: CellLayout, { x, y }: { x: number; y: number }): number | undefined {
  const column = Math.floor(x / step)
  return column < 0 || column >= columns || y < 0 ? undefined : Math.floor(y / step) * columns + column
}

/** Where a key leads from a cell; undefined where the key is none of these. */
export function indexAfter(key: string, from: number | undefined, layout: CellLayout & { count: number }) {
  const { columns, count } = layout
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    Home: -count,
    End: count,
    PageDown: columns * 10,
    PageUp: -columns * 10,
  }
  const step = steps[key]
  if (step === undefined || count === 0) return undefined
  // The first key leads to one of the ends.
  if (from === undefined) return key === 'End' ? count - 1 : 0
  return Math.min(count - 1, Math.max(0, from + step))
}
