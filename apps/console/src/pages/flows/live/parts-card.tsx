/**
 * Parts card: every part of a flow with its rates, its losses and its newest value. It is the drawing in words and
 * numbers.
 */
import type { FlowPartLook } from '@skerry/contract/flows/flow-look'
import { useState } from 'react'
import { Card } from '../../../components/card.tsx'
import { Tooltip } from '../../../components/dialogs/tooltip.tsx'
import { type Column, DataTable, type Sort } from '../../../components/rows/data-table.tsx'
import { number } from '../../../texts/count.ts'
import { flowLiveTexts } from './english-flow-live.ts'
import { fewText, seenText } from './flow-figures.ts'

const words = flowLiveTexts.parts

export function PartsCard({ parts }: { parts: readonly FlowPartLook[] }) {
  const [sort, setSort] = useState<Sort>()
  return (
    <Card title={words.title} isFlush>
      <DataTable
        label={words.title}
        className="max-h-[32rem]"
        rows={parts}
        columns={columns}
        rowKey={({ part, name }) => `${part} ${name}`}
        sort={sort}
        onSort={setSort}
      />
    </Card>
  )
}

const columns: readonly Column<FlowPartLook>[] = [
  {
    id: 'part',
    header: words.columns.part,
    width: '4rem',
    cell: ({ part }) => <span className="text-soft">{words.kinds[part]}</span>,
  },
  {
    id: 'name',
    header: words.columns.name,
    width: 'minmax(8rem, 1fr)',
    sortValue: ({ name }) => name,
    cell: ({ name }) => <span className="font-mono text-xs font-medium">{name}</span>,
  },
  {
    id: 'value',
    header: words.columns.value,
    width: 'minmax(9rem, 1.5fr)',
    cell: ({ recent, unit }) => <Newest recent={recent} unit={unit} />,
  },
  {
    id: 'in',
    header: words.columns.in,
    width: '4rem',
    isRight: true,
    sortValue: ({ inPerSecond }) => inPerSecond,
    cell: ({ inPerSecond }) => fewText(inPerSecond),
  },
  {
    id: 'out',
    header: words.columns.out,
    width: '4rem',
    isRight: true,
    sortValue: ({ outPerSecond }) => outPerSecond,
    cell: ({ outPerSecond }) => fewText(outPerSecond),
  },
  {
    id: 'lost',
    header: words.columns.lost,
    width: '4.5rem',
    isRight: true,
    sortValue: ({ dropped, late }) => dropped + late,
    cell: ({ dropped, late }) => (
      <Tooltip text={words.lostHint(dropped, late)}>
        <span className={dropped + late > 0 ? 'font-medium text-bad' : 'text-soft'}>
          {number.format(dropped + late)}
        </span>
      </Tooltip>
    ),
  },
  {
    id: 'bad',
    header: words.columns.bad,
    width: '4.5rem',
    isRight: true,
    sortValue: ({ bad }) => bad,
    cell: ({ bad }) => <span className={bad > 0 ? 'font-medium text-warn' : 'text-soft'}>{number.format(bad)}</span>,
  },
  {
    id: 'queued',
    header: words.columns.queued,
    width: '4.5rem',
    isRight: true,
    sortValue: ({ queued }) => queued,
    cell: ({ queued }) => number.format(queued),
  },
  {
    id: 'latency',
    header: words.columns.latency,
    width: '8rem',
    isRight: true,
    sortValue: ({ latencyP99Ms }) => latencyP99Ms ?? 0,
    cell: ({ latencyP50Ms, latencyP99Ms }) =>
      latencyP50Ms === undefined ? '' : `${fewText(latencyP50Ms)} / ${fewText(latencyP99Ms ?? latencyP50Ms)} ms`,
  },
]

function Newest({ recent, unit }: Pick<FlowPartLook, 'recent'> & { unit: string | undefined }) {
  const newest = recent.at(-1)
  if (!newest) return <span className="text-faint">{words.nothing}</span>
  const text = seenText(newest, unit)
  return (
    <span title={text} className={newest.quality === 'good' ? 'tabular' : 'text-soft tabular'}>
      {text}
    </span>
  )
}
