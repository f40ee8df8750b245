/**
 * Words: the plain text of a filter, taken apart. `oslo` is looked for in every field, `site:oslo` in one of them, and
 * `"press 7"` is one word with a space.
 */

/** A word of a filter, in lower case. Without a field, it is looked for in every field. */
export type Word = { text: string; field?: string }

/** The values of each field, as a word is compared with them. */
export type WordFields = Readonly<Record<string, readonly string[]>>

const TOKEN = /(?:([a-z]+):)?"([^"]*)"?|(\S+)/gi

/** The words of a text. Only a name in `fields` makes a word with a colon one of a field. */
export function readWords(text: string, fields: readonly string[]): Word[] {
  return [...text.toLowerCase().matchAll(TOKEN)].map(([whole, field, quoted, plain]) => {
    if (plain === undefined) return wordOf(field, quoted ?? '', whole, fields)
    const colon = plain.indexOf(':')
    return wordOf(colon > 0 ? plain.slice(0, colon) : undefined, plain.slice(colon + 1), plain, fields)
  })
}

function wordOf(field: string | undefined, text: string, whole: string, fields: readonly string[]): Word {
  if (field !== undefined && fields.includes(field)) return { field, text }
  return { text: whole.replaceAll('"', '') }
}

/** The words that no value of these fields holds. */
export function unmetWords(words: readonly Word[], fields: WordFields): Word[] {
  return words.filter(({ text, field }) => {
    if (field !== undefined) return !holdsWord(fields[field] ?? [], text)
    return !Object.values(fields).some((values) => holdsWord(values, text))
  })
}

/** A word that ends with a version, such as `anomaly:2`, must not find `anomaly:21`. */
function holdsWord(values: readonly string[], text: string): boolean {
  const isVersion = /:\d+$/.test(text)
  return values.some((value) => {
    const lower = value.toLowerCase()
    return isVersion ? lower.endsWith(text) : lower.includes(text)
  })
}
