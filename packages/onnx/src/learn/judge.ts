/** Judge: how well scores separate faults from normal windows, and how well shares name the faulty tag. */

/** The probability that a fault has a higher score than a normal window [Mann and Whitney 1947]. */
export function aucOf(normal: ArrayLike<number>, faulty: ArrayLike<number>): number {
  const all = [
    ...Array.from(normal, (score) => ({ score, isFault: false })),
    ...Array.from(faulty, (score) => ({ score, isFault: true })),
  ].toSorted((a, b) => a.score - b.score)
  let sum = 0
  for (let from = 0; from < all.length; ) {
    // One more at least: NaN equals nothing, not even itself.
    let to = from + 1
    while (to < all.length && all[to]?.score === all[from]?.score) to += 1
    const rank = (from + to + 1) / 2
    for (let at = from; at < to; at += 1) if (all[at]?.isFault) sum += rank
    from = to
  }
  return (sum - (faulty.length * (faulty.length + 1)) / 2) / (normal.length * faulty.length)
}

/** The place of the first of the tags among the shares, from 1. */
export function rankOf(shares: ArrayLike<number>, tags: readonly number[]): number {
  const order = Array.from(shares, (share, tag) => ({ share, tag })).toSorted((a, b) => b.share - a.share)
  return order.findIndex(({ tag }) => tags.includes(tag)) + 1
}
