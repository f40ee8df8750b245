/** List page: a page that is one table with a filter, an empty state and what went wrong. */
import type { UseQueryResult } from '@tanstack/react-query'
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { Page } from './card.tsx'
import { type Column, DataTable, type Sort } from './data-table.tsx'
import { FilterInput } from './fields.tsx'
import { Empty, Failure, Loading } from './page-state.tsx'

export type ListPageProps<Row> = {
  title: string
  count: (rows: number) => string
  query: Pick<UseQueryResult<Row[]>, 'data' | 'error' | 'refetch'>
  columns: readonly Column<Row>[]
  rowKey: (row: Row) => string
  /** What the filter looks into. */
  words: (row: Row) => string
  filter: { label: string; placeholder: string; noMatch: string }
  empty: { icon: LucideIcon; title: string; hint: ReactNode }
  search: { q?: string | undefined; sort?: string | undefined }
  onSearch: (change: { q?: string | undefined; sort?: Sort }) => void
  defaultSort: Sort
}

/** The page. The filter is a word, looked for in what is already here. */
export function ListPage<Row>({ title, count, query, filter, empty, search, onSearch, ...table }: ListPageProps<Row>) {
  const { data, error, refetch } = query
  const needle = search.q?.trim().toLowerCase()
  const shown = needle ? data?.filter((row) => table.words(row).toLowerCase().includes(needle)) : data
  return (
    <Page
      isFull
      title={title}
      beside={
        <span role="status" className="text-sm text-soft tabular">
          {shown && count(shown.length)}
        </span>
      }
    >
      <FilterInput
        className="max-w-xl"
        label={filter.label}
        placeholder={filter.placeholder}
        value={search.q ?? ''}
        onChange={(q) => onSearch({ q: q || undefined })}
      />
      <div className="card flex min-h-0 flex-col overflow-hidden">
        {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
        {!data && !error && <Loading rows={6} />}
        {data?.length === 0 && <Empty {...empty} />}
        {data && data.length > 0 && shown?.length === 0 && <Empty icon={empty.icon} title={filter.noMatch} />}
        {shown && shown.length > 0 && (
          <DataTable
            label={title}
            rows={shown}
            columns={table.columns}
            rowKey={table.rowKey}
            sort={search.sort ?? table.defaultSort}
            onSort={(sort) => onSearch({ sort })}
          />
        )}
      </div>
    </Page>
  )
}
