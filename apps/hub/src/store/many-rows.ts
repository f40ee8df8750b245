/**
 * Many rows: one statement for what is known of many devices. A statement's text has a place for each value, and each text is prepared once; so
 * lists come in a few sizes only, or every batch would prepare its own.
 */

/** 64 rows of a dozen columns stay far below what a statement may bind, and cost a row as little as more would. */
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

/** The values, the last of them repeated up to the next power of two, for `where ... in`. */
export function padded<Value>(values: readonly Value[]): Value[] {
  const last = values.at(-1)
  if (last === undefined) return []
  const size = 2 ** Math.ceil(Math.log2(values.length))
  return [...values, ...new Array<Value>(size - values.length).fill(last)]
}
