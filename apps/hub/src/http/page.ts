/** Page: cuts a list at its limit and returns the start of the next page. */
import { problem } from './problem.ts'

/**
 * Request `limit + 1` rows from the store; the additional row only shows that there is a next page. `keyOf` returns the
 * value for `after`.
 */
export function pageFrom<Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => string) {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return rows.length > limit && last !== undefined ? { rows: page, next: keyOf(last) } : { rows: page }
}

/** The place at which a numbered list continues. */
export function sequenceOf(after: string | undefined): number | undefined {
  if (after === undefined) return undefined
  // 15 digits stay exact in a number.
  if (!/^[0-9]{1,15}$/.test(after))
    throw problem('input_invalid', 'after must be the value of next from an earlier page')
  return Number(after)
}
