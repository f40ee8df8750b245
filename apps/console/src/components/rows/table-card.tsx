/** Table card: the rows that pass a filter, or a message if there are none. */
import type { UseQueryResult } from '@tanstack/react-query'
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { Empty, Failure, Loading } from '../page-state.tsx'
import { type Column, DataTable, type Sort } from './data-table.tsx'

/** The properties that every list needs. */
export type TableCardProps<Row> = {
  label: string
  query: Pick<UseQueryResult<Row[]>, 'data' | 'error'> & { refetch: () => unknown }
  /** Undefined while the rows are loading. */
  shown: readonly Row[] | undefined
  columns: readonly Column<Row>[]
  rowKey: (row: Row) => string
  empty: { icon: LucideIcon; title: string; hint: ReactNode; action?: ReactNode }
  noMatch: string
  sort: Sort
  onSort: (sort: Sort) => void
  /** The number of placeholder rows during loading. */
  loadingRows?: number
}

export function TableCard<Row>(props: TableCardProps<Row>) {
  const { query, shown, empty } = props
  const { data, error, refetch } = query
  return (
    <div className="card flex min-h-0 flex-col overflow-hidden">
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading {...(props.loadingRows !== undefined && { rows: props.loadingRows })} />}
      {data?.length === 0 && <Empty {...empty} />}
      {data && data.length > 0 && shown?.length === 0 && <Empty icon={empty.icon} title={props.noMatch} />}
      {shown && shown.length > 0 && (
        <DataTable
          label={props.label}
          rows={shown}
          columns={props.columns}
          rowKey={props.rowKey}
          sort={props.sort}
          onSort={props.onSort}
        />
      )}
    </div>
  )
}
