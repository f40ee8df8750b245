/** Settings list: the table of a tab, with its filter and what makes a new one beside it. */
import type { RowLanguage } from '@skerry/core/language/row-language'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { RowFilter } from '../../components/rows/row-filter.tsx'
import { TableCard, type TableCardProps } from '../../components/rows/table-card.tsx'
import { useRowFilter } from '../../components/rows/use-row-filter.ts'

type SettingsListProps<Row> = Pick<TableCardProps<Row>, 'label' | 'query' | 'columns' | 'rowKey' | 'empty'> & {
  language: RowLanguage<Row>
  filter: { label: string; noMatch: string }
  defaultSort: string
  /** What makes a new one. */
  action: ReactNode
}

/** The list; filter and order are in the address. */
export function SettingsList<Row>(props: SettingsListProps<Row>) {
  const { query, filter, language } = props
  const { q, sort } = useSearch({ from: '/inside/settings' })
  const navigate = useNavigate({ from: '/settings' })
  const set = (change: { q?: string | undefined; sort?: string }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  const { shown, problem } = useRowFilter(query.data, q, language)
  return (
    <div className="flex min-h-0 flex-col gap-3">
      <div className="flex flex-wrap items-start justify-between gap-2">
        <RowFilter
          label={filter.label}
          language={language}
          value={q ?? ''}
          onChange={(next) => set({ q: next })}
          problem={problem}
        />
        {props.action}
      </div>
      <TableCard
        label={props.label}
        query={query}
        shown={shown}
        columns={props.columns}
        rowKey={props.rowKey}
        empty={props.empty}
        noMatch={filter.noMatch}
        sort={sort ?? props.defaultSort}
        onSort={(next) => set({ sort: next })}
      />
    </div>
  )
}
