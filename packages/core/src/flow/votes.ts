/** Votes: whether at least k of n say yes, when some votes are missing. Undefined if the missing ones decide. */
export function vote(k: number, votes: Iterable<boolean | undefined>): boolean | undefined {
  let yes = 0
  let unheard = 0
  for (const one of votes) {
    if (one === undefined) unheard += 1
    else if (one) yes += 1
  }
  if (yes >= k) return true
  return yes + unheard < k ? false : undefined
}
