/** Sink told: what one sink is told in a replay: its numbers over the time of the recording, and the first of its outputs as a table. */
import type { FlowOutput } from '@skerry/contract/flows/flow-recording'
import { useMemo, useState } from 'react'
import { SeriesChart } from '../../../components/charts/series-chart.tsx'
import { rangeOf } from '../../../components/charts/series-scale.ts'
import { Instant } from '../../../components/facts/instant.tsx'
import { type Column, DataTable } from '../../../components/rows/data-table.tsx'
import { contentText } from './content-text.ts'
import { replayTexts as words } from './english-replay.ts'
import type { ReplayOutcome, SinkReplay } from './replay-message.ts'

/** With its place, by which rows of the same instant are told apart. */
type Row = { place: number; output: FlowOutput }

export function SinkTold({ told, span }: { told: SinkReplay; span: ReplayOutcome['span'] }) {
  const { sink, outputs, shown, points } = told
  const [sort, setSort] = useState('at')
  const rows = useMemo(() => shown.map((output, place): Row => ({ place, output })), [shown])
  return (
    <div className="border-t border-line">
      <h4 className="px-4 pt-4 text-sm font-semibold">{words.outputsOf(sink)}</h4>
      <div className="p-4">
        {outputs === 0 && <p className="text-sm text-soft">{words.toldNothing}</p>}
        {outputs > 0 && !rangeOf(points) && <p className="text-sm text-soft">{words.noNumbers}</p>}
        {rangeOf(points) && <SeriesChart name={sink} points={points} span={span} partMs={span.partMs} />}
      </div>
      {outputs > shown.length && (
        <p className="border-t border-line px-4 py-2 text-xs text-soft">{words.cut(shown.length, outputs)}</p>
      )}
      {outputs > 0 && (
        <DataTable
          label={words.outputsOf(sink)}
          rows={rows}
          columns={columns}
          rowKey={({ place }) => String(place)}
          sort={sort}
          onSort={setSort}
          className="max-h-96 border-t border-line"
        />
      )}
    </div>
  )
}

const columns: readonly Column<Row>[] = [
  {
    id: 'at',
    header: words.outputColumns.at,
    width: 'minmax(11rem, 1fr)',
    sortValue: ({ place }) => place,
    cell: ({ output }) => <Instant ms={output.timeMs} isAbsolute />,
  },
  {
    id: 'value',
    header: words.outputColumns.value,
    width: 'minmax(8rem, 1.5fr)',
    cell: ({ output }) =>
      output.quality === 'bad' ? null : (
        <span className="tabular" title={String(output.value).slice(0, 500)}>
          {contentText(output.value)}
        </span>
      ),
  },
  {
    id: 'quality',
    header: words.outputColumns.quality,
    width: '6rem',
    sortValue: ({ output }) => output.quality,
    cell: ({ output: { quality } }) => (
      <span className={quality === 'good' ? 'text-soft' : 'font-medium text-warn'}>{words.qualities[quality]}</span>
    ),
  },
  {
    id: 'why',
    header: words.outputColumns.why,
    width: 'minmax(8rem, 2fr)',
    cell: ({ output }) =>
      output.quality === 'good' ? null : <span className="text-soft">{output.cause.message}</span>,
  },
]
