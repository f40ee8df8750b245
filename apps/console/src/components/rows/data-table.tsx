/**
 * Data table: rows that sort by their columns. Only the visible rows are on the page. Its rows are grids, placed by
 * transform. A jump draws a window full of new rows in one frame. Most of that cost is the style of their elements, so
 * a cell is one element that holds its text.
 */
import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { memo, type ReactNode, useEffect, useMemo, useRef } from 'react'
import { cn } from '../class-names.ts'
import { leastRem } from './fitting-columns.ts'
import { useFittingColumns } from './use-fitting-columns.ts'
import { useScrollEdges } from './use-scroll-edges.ts'

export type Column<Row> = {
  id: string
  header: string
  /** Replaces the words in the header, for example with a box that selects all. */
  headerCell?: () => ReactNode
  /** A track of a CSS grid, such as `minmax(10rem, 2fr)`. */
  width: string
  /** `shown`: the ids of the columns for which the table has room. */
  cell: (row: Row, shown: readonly { id: string }[]) => ReactNode
  /** The value that the column sorts by. A column without one cannot sort. */
  sortValue?: (row: Row) => string | number
  isRight?: boolean
  /** In a narrow table, columns with a rank are left out, the highest first. A column without one always stays. */
  rank?: number
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
  /** Called when the last rows come into view, for lists that have more rows at the hub. */
  onEnd?: (() => void) | undefined
  /** Fills its parent and scrolls by itself; else it is as high as its rows. */
  className?: string
}

const ROW_PX = 44
/** Rows above and below the window, so that a quick scroll shows no gap. */
const OVERSCAN = 6

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() })

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, rows, columns: all, rowKey, sort, onSort, onEnd, className } = props
  const sorted = useSortedRows(rows, all, sort)
  const scroller = useRef<HTMLDivElement>(null)
  const columns = useFittingColumns(scroller, all)
  useScrollEdges(scroller)
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    initialRect: { width: 0, height: 600 },
  })
  const lastShown = virtual.getVirtualItems().at(-1)?.index ?? 0
  const isAtEnd = lastShown >= sorted.length - 1
  useEffect(() => {
    if (isAtEnd) onEnd?.()
  }, [isAtEnd, onEnd])
  const tracks = columns.map(({ width }) => width).join(' ')
  return (
    <section ref={scroller} aria-label={label} className={cn('scroll-edges relative min-h-0 overflow-auto', className)}>
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

/** Drawn again only if its row has changed. While a table scrolls, most of its rows stay. */
const BodyRow = memo(function BodyRow<Row>({ row, columns, index, start, tracks }: BodyRowProps<Row>) {
  return (
    <tr
      aria-rowindex={index + 2}
      className="absolute inset-x-0 grid items-center gap-x-4 border-b border-line px-4 hover:bg-raised"
      style={{ height: ROW_PX, transform: `translateY(${start}px)`, gridTemplateColumns: tracks }}
    >
      {columns.map(({ id, cell, isRight }) => (
        <td key={id} className={isRight ? RIGHT_CELL : CELL}>
          {cell(row, columns)}
        </td>
      ))}
    </tr>
  )
}) as <Row>(props: BodyRowProps<Row>) => ReactNode

const CELL = 'min-w-0 truncate'
const RIGHT_CELL = `${CELL} text-right tabular`

function useSortedRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: Sort | undefined): Row[] {
  const definitions = useMemo(() => {
    const helper = createColumnHelper<typeof features, Box<Row>>()
    return columns.map(({ id, sortValue = () => '' }) =>
      helper.accessor(({ row }): unknown => sortKey(sortValue(row)), {
        id,
        sortFn: (a, b) => compare(a.getValue<SortKey>(id), b.getValue<SortKey>(id)),
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

/**
 * The sort key of a value, computed once for each row, so that each comparison is one of plain texts. It sorts as
 * people do: it compares numbers inside words as numbers, and ignores case and accents.
 */
function sortKey(value: string | number): SortKey {
  if (typeof value === 'number') return value
  const plain = /^[ -~]*$/.test(value) ? value : value.normalize('NFD').replace(/\p{M}/gu, '')
  return plain.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(DIGITS_MAX, '0'))
}

type SortKey = string | number

/** No version, size or time has more digits. */
const DIGITS_MAX = 16

function compare(a: SortKey, b: SortKey): number {
  if (a === b) return 0
  return a < b ? -1 : 1
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

function HeaderCell<Row>({ column, sort, onSort }: HeaderCellProps<Row>) {
  const { id, header, headerCell, sortValue, isRight } = column
  const className = cn('min-w-0 text-left text-xs font-medium text-soft', isRight && 'text-right')
  if (!sortValue)
    return (
      <th scope="col" className={className}>
        {headerCell ? headerCell() : header}
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
