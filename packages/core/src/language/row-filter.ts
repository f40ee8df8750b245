/**
 * Row filter: the text of a list's filter, compiled once for any number of rows. Words or an expression
 * (row-language.ts); nothing lets all through.
 */
import { compileExpression, type Verdict } from './expression.ts'
import { isExpression, type RowLanguage } from './row-language.ts'
import { compileRowWords } from './row-words.ts'

export type RowFilter<Row> = { ok: true; judge: (row: Row) => Verdict; matches: (row: Row) => boolean }
export type RowFilterRefusal = { ok: false; code: 'filter_invalid'; message: string }

/** 2,000 characters hold dozens of conditions, as with selectors, and bound the cost of a filter. */
export const FILTER_MAX = 2_000

/** Compiles the text, or gives its problem. */
export function compileRowFilter<Row>(text: string, language: RowLanguage<Row>): RowFilter<Row> | RowFilterRefusal {
  const { name, sample, valuesOf } = language
  const words = text.trim()
  if (words.length > FILTER_MAX) return refuse(`it has more than ${FILTER_MAX} characters`)
  if (!isExpression(words, [name])) {
    const hasWords = compileRowWords(words, language)
    return filterOf((row) => ({ matches: hasWords(row) }))
  }
  const compiled = compileExpression(words, { noun: 'filter', sample: { [name]: sample } })
  if (!compiled.ok) return refuse(compiled.problem)
  return filterOf((row) => compiled.judge({ [name]: valuesOf(row) }))

  function refuse(problem: string): RowFilterRefusal {
    return { ok: false, code: 'filter_invalid', message: `not a filter over ${name}: ${problem}` }
  }
}

const filterOf = <Row>(judge: (row: Row) => Verdict): RowFilter<Row> => ({
  ok: true,
  judge,
  matches: (row) => judge(row).matches,
})
