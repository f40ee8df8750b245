/** List page: one table with a filter, an empty state and an error state. */
import type { RowLanguage } from '@skerry/core/language/row-language'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { Page } from '../card.tsx'
import type { Sort } from './data-table.tsx'
import { RowFilter } from './row-filter.tsx'
import { TableCard, type TableCardProps } from './table-card.tsx'
import { useRowFilter } from './use-row-filter.ts'

/** The words of a list. `emptyHint` says how the first row comes. */
export type ListWords = {
  title: string
  count: (rows: number) => string
  filter: string
  noMatch: string
  empty: string
  emptyHint?: string
}

export type ListPageProps<Row> = Pick<TableCardProps<Row>, 'query' | 'columns' | 'rowKey'> & {
  words: ListWords
  /** Of a list without rows. */
  icon: LucideIcon
  /** Replaces the words of a list without rows. */
  empty?: Partial<Omit<TableCardProps<Row>['empty'], 'icon'>>
  /** The terms that the filter may use on a row. */
  language: RowLanguage<Row>
  defaultSort: Sort
  /** A further control beside the filter, such as a choice. */
  beside?: ReactNode
  actions?: ReactNode
}

export function ListPage<Row>(props: ListPageProps<Row>) {
  const { words, query, language } = props
  const { search, change } = useListSearch()
  const { shown, problem } = useRowFilter(query.data, search.q, language)
  return (
    <Page
      isFull
      title={words.title}
      beside={
        <span role="status" className="text-sm text-soft tabular">
          {shown && words.count(shown.length)}
        </span>
      }
      actions={props.actions}
    >
      <div className="flex flex-wrap items-start gap-2">
        <RowFilter
          label={words.filter}
          language={language}
          value={search.q ?? ''}
          onChange={(q) => change({ q })}
          problem={problem}
        />
        {props.beside}
      </div>
      <TableCard
        label={words.title}
        query={query}
        shown={shown}
        columns={props.columns}
        rowKey={props.rowKey}
        empty={{ icon: props.icon, title: words.empty, hint: words.emptyHint, ...props.empty }}
        noMatch={words.noMatch}
        sort={search.sort ?? props.defaultSort}
        onSort={(sort) => change({ sort })}
        loadingRows={6}
      />
    </Page>
  )
}

type ListSearch = { q?: string | undefined; sort?: Sort | undefined }

/** The filter and the order are in the address of the page. */
function useListSearch(): { search: ListSearch; change: (change: ListSearch) => void } {
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  const change = (wish: ListSearch) =>
    void navigate({ to: '.', search: (before: object) => ({ ...before, ...wish }), replace: true })
  return { search, change }
}
