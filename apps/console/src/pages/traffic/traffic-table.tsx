/** Traffic table: the data of the chart as numbers. It is folded at first. */
import type { TrafficPoint } from '@skerry/contract/traffic/traffic'
import { requestRate } from '@skerry/core/traffic/points'
import { useState } from 'react'
import { durationText } from '../../components/charts/amounts.ts'
import { Instant } from '../../components/facts/instant.tsx'
import { type Column, DataTable } from '../../components/rows/data-table.tsx'
import { number } from '../../texts/count.ts'
import { trafficTexts as words } from './english-traffic.ts'

/** The newest points first. */
export function TrafficTable({ points }: { points: readonly TrafficPoint[] }) {
  const [isOpen, setOpen] = useState(false)
  const [sort, setSort] = useState('-at')
  return (
    <details className="border-t border-line" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer px-4 py-2.5 text-sm font-medium">{words.table}</summary>
      {isOpen && (
        <DataTable
          label={words.title}
          rows={points}
          columns={columns}
          rowKey={({ startMs }) => String(startMs)}
          sort={sort}
          onSort={setSort}
          className="max-h-96 border-t border-line"
        />
      )}
    </details>
  )
}

type Figure = 'requests' | 'rate' | 'errors' | 'p50' | 'p95'

const figureColumn = (
  id: Figure,
  amountOf: (point: TrafficPoint) => number | undefined,
  textOf: (value: number) => string,
): Column<TrafficPoint> => ({
  id,
  header: words.columns[id],
  width: 'minmax(5rem, 1fr)',
  isRight: true,
  sortValue: (point) => amountOf(point) ?? Number.NEGATIVE_INFINITY,
  cell: (point) => {
    const value = amountOf(point)
    return value !== undefined && textOf(value)
  },
})

const whole = (value: number) => number.format(value)

const columns: readonly Column<TrafficPoint>[] = [
  {
    id: 'at',
    header: words.columns.at,
    width: 'minmax(11rem, 2fr)',
    sortValue: ({ startMs }) => startMs,
    cell: ({ startMs }) => <Instant ms={startMs} isAbsolute />,
  },
  figureColumn('requests', ({ requests }) => requests, whole),
  figureColumn('rate', (point) => requestRate(point, Date.now()), words.rate),
  figureColumn('errors', ({ failures }) => failures, whole),
  figureColumn('p50', ({ p50Us }) => p50Us, durationText),
  figureColumn('p95', ({ p95Us }) => p95Us, durationText),
]
