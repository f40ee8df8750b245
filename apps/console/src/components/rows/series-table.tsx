/** Series table: what a chart shows, for whoever does not see it or wants the numbers; folded away until somebody asks. */
import { useState } from 'react'
import { number } from '../../texts/count.ts'
import { seriesTexts as words } from '../../texts/english-series.ts'
import type { SeriesPoint } from '../charts/series-scale.ts'
import { shortNumber } from '../charts/short-number.ts'
import { Instant } from '../facts/instant.tsx'
import { type Column, DataTable } from './data-table.tsx'

/** The table, newest first. */
export function SeriesTable({ label, points }: { label: string; points: readonly SeriesPoint[] }) {
  const [isOpen, setOpen] = useState(false)
  const [sort, setSort] = useState('-at')
  return (
    <details className="border-t border-line" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer px-4 py-2.5 text-sm font-medium">{words.table}</summary>
      {isOpen && (
        <DataTable
          label={label}
          rows={points}
          columns={columns}
          rowKey={({ atMs }) => String(atMs)}
          sort={sort}
          onSort={setSort}
          className="max-h-96 border-t border-line"
        />
      )}
    </details>
  )
}

const numberColumn = (id: 'min' | 'mean' | 'max'): Column<SeriesPoint> => ({
  id,
  header: words.columns[id],
  width: 'minmax(5rem, 1fr)',
  isRight: true,
  sortValue: (point) => point[id] ?? Number.NEGATIVE_INFINITY,
  cell: ({ [id]: value }) => value !== undefined && shortNumber(value),
})

const columns: readonly Column<SeriesPoint>[] = [
  {
    id: 'at',
    header: words.columns.at,
    width: 'minmax(11rem, 2fr)',
    sortValue: ({ atMs }) => atMs,
    cell: ({ atMs }) => <Instant ms={atMs} isAbsolute />,
  },
  {
    id: 'count',
    header: words.columns.count,
    width: 'minmax(4rem, 1fr)',
    isRight: true,
    sortValue: ({ count }) => count,
    cell: ({ count }) => number.format(count),
  },
  {
    id: 'bad',
    header: words.columns.bad,
    width: 'minmax(4rem, 1fr)',
    isRight: true,
    sortValue: ({ bad }) => bad,
    cell: ({ bad }) => <span className={bad > 0 ? 'font-medium text-bad' : 'text-soft'}>{number.format(bad)}</span>,
  },
  ...(['min', 'mean', 'max'] as const).map(numberColumn),
]
