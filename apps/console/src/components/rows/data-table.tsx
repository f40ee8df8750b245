/**
 * Data table: rows that sort by their columns, of which only those in sight are on the page. Its rows are grids, placed by transform. A jump
 * draws a window full of new rows in one frame, and what that costs is the style of their elements: so a cell is one element, its text in it.
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

export type Column<Row> = {
  id: string
  header: string
  /** What stands in the header instead of its words, such as a box that selects all. */
  headerCell?: () => ReactNode
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
  /** Called when the last rows come into sight: for lists that go on at the hub. */
  onEnd?: (() => void) | undefined
  /** Fills its parent and scrolls by itself; else it is as high as its rows. */
  className?: string
}

const ROW_PX = 44
/** Rows above and below the window: a quick scroll shows no gap. */
const OVERSCAN = 6

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() })

/** The table. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, rows, columns, rowKey, sort, onSort, onEnd, className } = props
  const sorted = useSortedRows(rows, columns, sort)
  const scroller = useRef<HTMLDivElement>(null)
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
        <td key={id} className={isRight ? RIGHT_CELL : CELL}>
          {cell(row)}
        </td>
      ))}
    </tr>
  )
}) as <Row>(props: BodyRowProps<Row>) => ReactNode

const CELL = 'min-w-0 truncate'
const RIGHT_CELL = `${CELL} text-right tabular`

/** What all columns need at least, with the gaps between them and the space at both ends; narrower, and the table scrolls sideways. */
const leastRem = (columns: readonly { width: string }[]): number =>
  columns.reduce((sum, { width }) => sum + Number.parseFloat(width.replace('minmax(', '')) + 1, 1)

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
 * What a value sorts by: once for each row, so that a comparison is one of plain texts. As people sort: numbers inside words count as such,
 * and neither case nor accents do.
 */
function sortKey(value: string | number): SortKey {
  if (typeof value === 'number') return value
  const plain = /^[ -~]*$/.test(value) ? value : value.normalize('NFD').replace(/\p{M}/gu, '')
  return plain.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(DIGITS_MAX, '0'))
}

type SortKey = string | number

/** Longer numbers than any version, size or time have. */
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
