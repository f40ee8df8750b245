/** Use row filter: the rows that a list's filter lets through. The evaluator of expressions is loaded when the first one is written. */
import type { RowFilter, RowFilterRefusal } from '@skerry/core/language/row-filter'
import { holdsWords, isExpression, type RowLanguage } from '@skerry/core/language/row-language'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useRef } from 'react'

/** `problem` says what is wrong with an expression; meanwhile the rows are those of the last one that was right. */
export type FilteredRows<Row> = { shown: Row[] | undefined; problem: string | undefined }

/** Filters as soon as text or rows change. `rows` is undefined while they load. */
export function useRowFilter<Row>(
  rows: readonly Row[] | undefined,
  text: string | undefined,
  language: RowLanguage<Row>,
): FilteredRows<Row> {
  const filter = useFilter(text?.trim() ?? '', language)
  const last = useRef<(row: Row) => boolean>(passes)
  if (filter?.ok) last.current = filter.matches
  const matches = last.current
  const shown = useMemo(() => rows?.filter(matches), [rows, matches])
  return { shown, problem: filter?.ok === false ? filter.message : undefined }
}

const passes = () => true

type Compiled<Row> = Pick<RowFilter<Row>, 'ok' | 'matches'> | RowFilterRefusal

/** Undefined while the evaluator is on its way. */
function useFilter<Row>(text: string, language: RowLanguage<Row>): Compiled<Row> | undefined {
  const isCode = isExpression(text, [language.name])
  const { data: evaluator } = useQuery({
    queryKey: ['row-filter'],
    queryFn: () => import('@skerry/core/language/row-filter'),
    enabled: isCode,
  })
  return useMemo(() => {
    if (!isCode) return { ok: true, matches: (row: Row) => holdsWords(language.wordsOf(row), text) } as const
    return evaluator?.compileRowFilter(text, language)
  }, [isCode, text, language, evaluator])
}
