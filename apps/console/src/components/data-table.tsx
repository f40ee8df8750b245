/** Data table: rows that sort by their columns, of which only those in sight are on the page. Its rows are grids, placed by transform. */
import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { memo, type ReactNode, useMemo, useRef } from 'react'
import { cn } from './class-names.ts'

export type Column<Row> = {
  id: string
  header: string
  /** A track of a CSS grid, such as `minmax(10rem, 2fr)`. */
  width: string
  cell: (row: Row) => ReactNode
  /** What it sorts by; a column without is not sorted. */
  sortValue?: (row: Row) => string | number
  isRight?: boolean
}

/** A column and a direction, as the address of a page keeps it: `name` or `-name`. */
export type Sort = string

type DataTableProps<Row> = {
  label: string
  rows: readonly Row[]
  columns: readonly Column<Row>[]
  rowKey: (row: Row) => string
  sort: Sort | undefined
  onSort: (sort: Sort) => void
  /** Fills its parent and scrolls by itself; else it is as high as its rows. */
  className?: string
}

const ROW_PX = 44
/** Rows above and below the window: a quick scroll shows no gap. */
const OVERSCAN = 8

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() })

/** The table. */
export function DataTable<Row>({ label, rows, columns, rowKey, sort, onSort, className }: DataTableProps<Row>) {
  const sorted = useSortedRows(rows, columns, sort)
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    initialRect: { width: 0, height: 600 },
  })
  const tracks = columns.map(({ width }) => width).join(' ')
  return (
    <section ref={scroller} aria-label={label} className={cn('relative min-h-0 overflow-auto', className)}>
      <table
        aria-label={label}
        aria-rowcount={sorted.length + 1}
        className="block text-sm"
        style={{ minWidth: `${leastRem(columns)}rem` }}
      >
        <HeaderRow columns={columns} tracks={tracks} sort={sort} onSort={onSort} />
        <tbody className="relative block" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = sorted[index]
            return (
              row && (
                <BodyRow key={rowKey(row)} row={row} columns={columns} index={index} start={start} tracks={tracks} />
              )
            )
          })}
        </tbody>
      </table>
    </section>
  )
}

type BodyRowProps<Row> = {
  row: Row
  columns: readonly Column<Row>[]
  index: number
  start: number
  tracks: string
}

/** Drawn again only when its row is another: while a table scrolls, most of its rows stay. */
const BodyRow = memo(function BodyRow<Row>({ row, columns, index, start, tracks }: BodyRowProps<Row>) {
  return (
    <tr
      aria-rowindex={index + 2}
      className="absolute inset-x-0 grid items-center gap-x-4 border-b border-line px-4 hover:bg-raised"
      style={{ height: ROW_PX, transform: `translateY(${start}px)`, gridTemplateColumns: tracks }}
    >
      {columns.map(({ id, cell, isRight }) => (
        <td key={id} className={cn('flex min-w-0 items-center', isRight && 'justify-end tabular')}>
          <div className="min-w-0 truncate">{cell(row)}</div>
        </td>
      ))}
    </tr>
  )
}) as <Row>(props: BodyRowProps<Row>) => ReactNode

/** What all columns need at least, with the gaps between them and the space at both ends; narrower, and the table scrolls sideways. */
const leastRem = (columns: readonly { width: string }[]): number =>
  columns.reduce((sum, { width }) => sum + Number.parseFloat(width.replace('minmax(', '')) + 1, 1)

function useSortedRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: Sort | undefined): Row[] {
  const definitions = useMemo(() => {
    const helper = createColumnHelper<typeof features, Box<Row>>()
    return columns.map(({ id, sortValue = () => '' }) =>
      helper.accessor(({ row }): unknown => sortValue(row), {
        id,
        sortFn: (a, b) => compare(a.getValue(id), b.getValue(id)),
      }),
    )
  }, [columns])
  const data = useMemo(() => rows.map((row) => ({ row })), [rows])
  const sorting = useMemo(() => (sort === undefined ? [] : [sortingOf(sort)]), [sort])
  const table = useTable({ features, columns: definitions, data, state: { sorting } })
  const { rows: model } = table.getRowModel()
  return useMemo(() => model.map(({ original }) => original.row), [model])
}

type Box<Row> = { row: Row }

const sortingOf = (sort: Sort) => ({ id: sort.replace(/^-/, ''), desc: sort.startsWith('-') })

const collator = new Intl.Collator('en', { numeric: true })

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return collator.compare(String(a), String(b))
}

type HeaderProps<Row> = {
  columns: readonly Column<Row>[]
  tracks: string
  sort: Sort | undefined
  onSort: (sort: Sort) => void
}

function HeaderRow<Row>({ columns, tracks, sort, onSort }: HeaderProps<Row>) {
  return (
    <thead className="sticky top-0 z-10 block border-b border-line bg-surface">
      <tr aria-rowindex={1} className="grid h-9 items-center gap-x-4 px-4" style={{ gridTemplateColumns: tracks }}>
        {columns.map((column) => (
          <HeaderCell key={column.id} column={column} sort={sort} onSort={onSort} />
        ))}
      </tr>
    </thead>
  )
}

type HeaderCellProps<Row> = { column: Column<Row>; sort: Sort | undefined; onSort: (sort: Sort) => void }

function HeaderCell<Row>({ column: { id, header, sortValue, isRight }, sort, onSort }: HeaderCellProps<Row>) {
  const className = cn('min-w-0 text-left text-xs font-medium text-soft', isRight && 'text-right')
  if (!sortValue)
    return (
      <th scope="col" className={className}>
        {header}
      </th>
    )
  const direction = directionOf(id, sort)
  const Arrow = direction === 'descending' ? ArrowDown : ArrowUp
  return (
    <th scope="col" aria-sort={direction} className={className}>
      <button
        type="button"
        onClick={() => onSort(direction === 'ascending' ? `-${id}` : id)}
        className={cn(
          '-mx-1.5 inline-flex h-7 items-center gap-1 rounded px-1.5 hover:bg-raised',
          direction !== 'none' && 'text-text',
        )}
      >
        {header}
        {direction !== 'none' && <Arrow size={12} aria-hidden />}
      </button>
    </th>
  )
}

function directionOf(id: string, sort: Sort | undefined): 'ascending' | 'descending' | 'none' {
  const current = sort === undefined ? undefined : sortingOf(sort)
  if (current?.id !== id) return 'none'
  return current.desc ? 'descending' : 'ascending'
}
