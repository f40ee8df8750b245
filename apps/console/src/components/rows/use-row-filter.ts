/**
 * Use row filter: the rows that pass a list's filter. The evaluator of expressions is loaded when somebody types the
 * first one.
 */
import type { RowFilter, RowFilterRefusal } from '@skerry/core/language/row-filter'
import { isExpression, type RowLanguage } from '@skerry/core/language/row-language'
import { compileRowWords } from '@skerry/core/language/row-words'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useRef } from 'react'

/** `problem` describes the error of an expression. Until it is corrected, the last valid filter selects the rows. */
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

/** Undefined while the evaluator is loading. */
function useFilter<Row>(text: string, language: RowLanguage<Row>): Compiled<Row> | undefined {
  const isCode = isExpression(text, [language.name])
  const { data: evaluator } = useQuery({
    queryKey: ['row-filter'],
    queryFn: () => import('@skerry/core/language/row-filter'),
    enabled: isCode,
  })
  return useMemo(() => {
    if (!isCode) return { ok: true, matches: compileRowWords(text, language) } as const
    return evaluator?.compileRowFilter(text, language)
  }, [isCode, text, language, evaluator])
}
