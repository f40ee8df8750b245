/** Translation: other words under the same keys. */

/** The shape of the texts without their words. A missing key and an unknown key do not compile. */
export type Translated<Texts> = Texts extends string
  ? string
  : Texts extends (...given: infer Given) => unknown
    ? (...given: Given) => string
    : { readonly [Key in keyof Texts]: Translated<Texts[Key]> }

/** The texts with the given words in place of theirs. Texts without other words stay. */
export function translated<Texts extends object>(texts: Texts, words: object): Texts {
  const entries = Object.entries(words).map(([key, word]: [string, unknown]) => {
    const present = (texts as Record<string, unknown>)[key]
    return [key, isGroup(present) && isGroup(word) ? translated(present, word) : word]
  })
  return { ...texts, ...Object.fromEntries(entries) }
}

/** A list of words is replaced as a whole. */
const isGroup = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
