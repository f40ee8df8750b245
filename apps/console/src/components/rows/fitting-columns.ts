/** Fitting columns: the columns of a table for which its width has room. */

type Track = { width: string; rank?: number }

/**
 * The least width of all columns, with the gaps between them and the space at both ends. If the table has less room, it
 * scrolls sideways.
 */
export const leastRem = (columns: readonly Track[]): number =>
  columns.reduce((sum, column) => sum + trackRem(column), 1)

const trackRem = ({ width }: Track) => Number.parseFloat(width.replace('minmax(', '')) + 1

/** The columns without a rank, and those with the lowest ranks that fit. The order stays. */
export function fittingColumns<Column extends Track>(columns: readonly Column[], tableRem: number): readonly Column[] {
  const ranked = columns.filter(({ rank }) => rank !== undefined).toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
  const left = new Set<Column>()
  let needed = leastRem(columns.filter(({ rank }) => rank === undefined))
  for (const column of ranked) {
    needed += trackRem(column)
    if (needed > tableRem) left.add(column)
  }
  return left.size === 0 ? columns : columns.filter((column) => !left.has(column))
}
