/**
 * Cell layout: the position of each device on a map, and the device at a position. Pure, so that it is tested without a
 * browser.
 */

/**
 * From a size that shows all devices at once, to one that fingers hit. WCAG 2.2 requires 24 px for a target without an
 * alternative. The table is the alternative here.
 */
export const CELL_SIZES = [5, 8, 12, 20, 30] as const

/** A whole map of 10,000 devices stays smaller than a screen. A smaller map has larger cells. */
const DEVICES_MAX = [Number.POSITIVE_INFINITY, 4_000, 1_500, 400, 60] as const

export type CellLayout = { cell: number; step: number; columns: number; rows: number; height: number }

/** The largest size at which this number of devices fits well. */
export const sizeFor = (count: number): number => DEVICES_MAX.findLastIndex((most) => count <= most)

/** Cells of one size. The width decides how many are in a row. */
export function layoutOf(count: number, { width, size }: { width: number; size: number }): CellLayout {
  const cell = CELL_SIZES[size] ?? CELL_SIZES[0]
  const step = cell + Math.max(1, Math.round(cell / 6))
  const columns = Math.max(1, Math.floor((width + step - cell) / step))
  const rows = Math.ceil(count / columns)
  return { cell, step, columns, rows, height: rows * step }
}

/** The index of the cell at a position; undefined after the last column or row. */
export function indexAt({ step, columns }: CellLayout, { x, y }: { x: number; y: number }): number | undefined {
  const column = Math.floor(x / step)
  return column < 0 || column >= columns || y < 0 ? undefined : Math.floor(y / step) * columns + column
}

/** The cell that a key leads to; undefined for other keys. */
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
  // The first key leads to the first or the last cell.
  if (from === undefined) return key === 'End' ? count - 1 : 0
  return Math.min(count - 1, Math.max(0, from + step))
}
