/**
 * Many rows: statements for many devices at once. A statement's text has a place for each value, and each text is
 * prepared once. So lists have a few sizes only, because otherwise every batch would prepare its own statement.
 */

/**
 * 64 rows of a dozen columns are far below the parameter limit of a statement. A larger piece would not lower the cost
 * of a row.
 */
const PIECES = [64, 16, 4, 1] as const

/** The rows in pieces of these sizes, for `insert ... values`. */
export function piecesOf<Row>(rows: readonly Row[]): Row[][] {
  const pieces: Row[][] = []
  let start = 0
  for (const size of PIECES) {
    for (; rows.length - start >= size; start += size) pieces.push(rows.slice(start, start + size))
  }
  return pieces
}

/** The values for `where ... in`, filled up to the next power of two with the last one. */
export function padded<Value>(values: readonly Value[]): Value[] {
  const last = values.at(-1)
  if (last === undefined) return []
  const size = 2 ** Math.ceil(Math.log2(values.length))
  return [...values, ...new Array<Value>(size - values.length).fill(last)]
}
