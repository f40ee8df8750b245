/** Names words: the first few names of a longer list, and the number of the others. */

/** `press-1`, `press-1 and press-2`, or `press-1, press-2, press-3 and 7 more`. */
export function namesWords(names: readonly string[], count = names.length): string {
  const others = Math.max(0, count - names.length)
  const parts = others > 0 ? [...names, `${others} more`] : [...names]
  const last = parts.pop() ?? ''
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`
}
