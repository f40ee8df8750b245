/** Page: cuts a list at its limit and says where the next page begins. */

/** Ask the store for `limit + 1` rows; the one on top only tells that there is a next page. `keyOf` gives what `after` takes. */
export function pageFrom<Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => string) {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return rows.length > limit && last !== undefined ? { rows: page, next: keyOf(last) } : { rows: page }
}
