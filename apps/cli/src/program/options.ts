/** Options that several commands share. */
import { Reason } from '@skerry/contract/values/names'
import { compileRowFilter, type RowFilter } from '@skerry/core/language/row-filter'
import type { RowLanguage } from '@skerry/core/language/row-language'
import { fits, flag, needed, type Option, value } from './command.ts'

/** For commands that destroy something. */
export const YES = flag('-y, --yes', 'do not ask')

/** For a person's decision that others will want to understand. */
export const REASON = needed('--reason <text>', 'reason, for the audit log', fits(Reason))

/** For lists: the same filter as above the list in the console. */
export const filterOf = <Row>(language: RowLanguage<Row>): Option<RowFilter<Row> | undefined> =>
  value('--filter <text>', `only matching rows: words, or CEL such as ${language.example}`, (text) => {
    const filter = compileRowFilter(text, language)
    if (!filter.ok) throw new Error(filter.message)
    return filter
  })

/** The rows that pass the filter, or all rows without one. */
export const filtered = <Row>(rows: readonly Row[], filter: RowFilter<Row> | undefined): Row[] =>
  rows.filter((row) => filter?.matches(row) ?? true)
