/** Page: cuts a list at its limit and says where the next page begins. */
import { problem } from './problem.ts'

/** Ask the store for `limit + 1` rows; the one on top only tells that there is a next page. `keyOf` gives what `after` takes. */
export function pageFrom<Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => string) {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return rows.length > limit && last !== undefined ? { rows: page, next: keyOf(last) } : { rows: page }
}

/** Where a list that is numbered goes on. */
export function sequenceOf(after: string | undefined): number | undefined {
  if (after === undefined) return undefined
  // 15 digits stay exact in a number.
  if (!/^[0-9]{1,15}$/.test(after))
    throw problem('input_invalid', 'after must be the value of next from an earlier page')
  return Number(after)
}
