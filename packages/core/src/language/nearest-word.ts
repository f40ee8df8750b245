/** Nearest word: the known word that somebody probably meant, for the message about an unknown one. */

/** One mistake in three letters still reads as the same word. */
const LETTERS_PER_MISTAKE = 3

/** Undefined if no known word is near. Capitals do not count. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const text = word.toLowerCase()
  const ranked = known
    .map((one) => ({ one, mistakes: mistakesBetween(text, one.toLowerCase()) }))
    .filter(
      ({ one, mistakes }) =>
        mistakes <= Math.max(1, Math.floor(Math.max(one.length, text.length) / LETTERS_PER_MISTAKE)),
    )
    .sort((a, b) => a.mistakes - b.mistakes)
  return ranked[0]?.one
}

/** [Damerau 1964] Letters to insert, delete, replace, or swap with the next one. */
function mistakesBetween(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, index) => index)]
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = at(i - 1, j - 1) + Number(from[i - 1] !== to[j - 1])
      const isSwapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const swapped = isSwapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY
      row[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replaced, swapped)
    }
  }
  return at(from.length, to.length)
}
