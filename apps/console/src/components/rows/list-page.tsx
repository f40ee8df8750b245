/** List page: a page that is one table with a filter, an empty state and what went wrong. */
import type { RowLanguage } from '@skerry/core/language/row-language'
import type { ReactNode } from 'react'
import { Page } from '../card.tsx'
import type { Sort } from './data-table.tsx'
import { RowFilter } from './row-filter.tsx'
import { TableCard, type TableCardProps } from './table-card.tsx'
import { useRowFilter } from './use-row-filter.ts'

export type ListPageProps<Row> = Pick<TableCardProps<Row>, 'query' | 'columns' | 'rowKey' | 'empty'> & {
  title: string
  count: (rows: number) => string
  /** What the filter may ask of a row. */
  language: RowLanguage<Row>
  filter: { label: string; noMatch: string }
  search: { q?: string | undefined; sort?: string | undefined }
  onSearch: (change: { q?: string | undefined; sort?: Sort }) => void
  defaultSort: Sort
  /** What stands beside the filter, such as a choice. */
  beside?: ReactNode
  actions?: ReactNode
}

/** The page. */
export function ListPage<Row>(props: ListPageProps<Row>) {
  const { title, count, query, filter, search, onSearch, language } = props
  const { shown, problem } = useRowFilter(query.data, search.q, language)
  return (
    <Page
      isFull
      title={title}
      beside={
        <span role="status" className="text-sm text-soft tabular">
          {shown && count(shown.length)}
        </span>
      }
      actions={props.actions}
    >
      <div className="flex flex-wrap items-start gap-2">
        <RowFilter
          label={filter.label}
          language={language}
          value={search.q ?? ''}
          onChange={(q) => onSearch({ q })}
          problem={problem}
        />
        {props.beside}
      </div>
      <TableCard
        label={title}
        query={query}
        shown={shown}
        columns={props.columns}
        rowKey={props.rowKey}
        empty={props.empty}
        noMatch={filter.noMatch}
        sort={search.sort ?? props.defaultSort}
        onSort={(sort) => onSearch({ sort })}
        loadingRows={6}
      />
    </Page>
  )
}
