/**
 * Row words: the words of a list's filter. A word is looked for in the visible text of the row, and `status:paused` in
 * one field of the list's language.
 */
import type { FieldValue } from './expression.ts'
import type { RowLanguage } from './row-language.ts'
import { readWords } from './words.ts'

/** Whether a row has each of the words. The text is read once for any number of rows. */
export function compileRowWords<Row>(
  text: string,
  { sample, wordsOf, valuesOf }: Pick<RowLanguage<Row>, 'sample' | 'wordsOf' | 'valuesOf'>,
): (row: Row) => boolean {
  // Fields have names such as `onFailure`, and a person may write them in any case.
  const names = new Map(Object.keys(sample).map((name) => [name.toLowerCase(), name]))
  const words = readWords(text, [...names.keys()])
  const hasFields = words.some(({ field }) => field !== undefined)
  return (row) => {
    const visible = wordsOf(row).toLowerCase()
    const values = hasFields ? valuesOf(row) : {}
    return words.every(({ text: word, field }) =>
      field === undefined ? visible.includes(word) : isInValue(values[names.get(field) ?? field], word),
    )
  }
}

/** A number or a truth is compared whole: `revision:1` must not find revision 12. */
function isInValue(value: FieldValue, word: string): boolean {
  if (value === undefined) return false
  if (typeof value !== 'object') {
    const text = String(value).toLowerCase()
    return typeof value === 'string' ? text.includes(word) : text === word
  }
  const texts = Array.isArray(value) ? value : Object.entries(value).map(([key, inner]) => `${key}=${inner}`)
  return texts.some((text) => String(text).toLowerCase().includes(word))
}
