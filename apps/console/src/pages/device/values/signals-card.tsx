/**
 * Signals card: every signal that the device has sent, with a filter by words. A person chooses one to see it over
 * time.
 */
import type { TelemetrySignal } from '@skerry/contract/hub/telemetry'
import { holdsWords } from '@skerry/core/language/row-language'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { ChartLine, CircleCheck, CircleX, type LucideIcon, TriangleAlert } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { Card } from '../../../components/card.tsx'
import { shortNumber } from '../../../components/charts/short-number.ts'
import { cn } from '../../../components/class-names.ts'
import { Badge } from '../../../components/facts/badge.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import type { Tone } from '../../../components/facts/tones.ts'
import { FilterInput } from '../../../components/fields.tsx'
import { Empty, Failure, Loading } from '../../../components/page-state.tsx'
import { type Column, DataTable } from '../../../components/rows/data-table.tsx'
import { BUTTON_LINK } from '../../models/button-link.ts'
import { valuesTexts as words } from './english-values.ts'
import { telemetryQueries } from './telemetry-queries.ts'

export function SignalsCard({ device, chosen }: { device: string; chosen: string | undefined }) {
  const { data, error, refetch } = useQuery(telemetryQueries.signals(device))
  return (
    <Card title={words.title} isFlush>
      {!data && !error && <Loading rows={6} />}
      {!data && error && <Failure error={error} onRetry={() => void refetch()} />}
      {data?.length === 0 && <NoSignals />}
      {data && data.length > 0 && <Signals signals={data} chosen={chosen} />}
    </Card>
  )
}

const NoSignals = () => (
  <Empty
    icon={ChartLine}
    title={words.empty}
    hint={words.emptyHint}
    action={
      <Link to="/flows" className={BUTTON_LINK.plain}>
        {words.toFlows}
      </Link>
    }
  />
)

function Signals({ signals, chosen }: { signals: readonly TelemetrySignal[]; chosen: string | undefined }) {
  const navigate = useNavigate({ from: '/devices/$device' })
  const [text, setText] = useState('')
  const [sort, setSort] = useState('signal')
  const asked = useDeferredValue(text)
  const shown = useMemo(
    () => signals.filter(({ signal, unit, source, tag }) => holdsWords([signal, unit, source, tag].join(' '), asked)),
    [signals, asked],
  )
  const columns = useMemo(
    () => [
      nameColumn(chosen, (signal) => void navigate({ search: (before) => ({ ...before, signal }) })),
      ...saidColumns,
    ],
    [chosen, navigate],
  )
  return (
    <>
      <div className="flex flex-wrap items-center gap-3 border-b border-line p-3">
        <FilterInput
          className="min-w-40 flex-1"
          label={words.filter}
          placeholder={words.placeholder}
          value={text}
          onChange={setText}
        />
        <span role="status" className="text-xs text-soft tabular">
          {words.count(shown.length)}
        </span>
      </div>
      {shown.length === 0 ? (
        <p className="p-4 text-sm text-soft">{words.noMatch}</p>
      ) : (
        <DataTable
          label={words.title}
          rows={shown}
          columns={columns}
          rowKey={({ signal }) => signal}
          sort={sort}
          onSort={setSort}
          className="max-h-[32rem]"
        />
      )}
    </>
  )
}

const nameColumn = (chosen: string | undefined, onChoose: (signal: string) => void): Column<TelemetrySignal> => ({
  id: 'signal',
  header: words.columns.signal,
  width: 'minmax(11rem, 2fr)',
  sortValue: ({ signal }) => signal,
  cell: ({ signal }) => (
    <button
      type="button"
      aria-pressed={signal === chosen}
      title={words.show(signal)}
      onClick={() => onChoose(signal)}
      className={cn(
        'max-w-full truncate rounded font-mono text-xs font-medium hover:text-accent hover:underline',
        signal === chosen && 'text-accent',
      )}
    >
      {signal}
    </button>
  ),
})

const LOOKS: Readonly<Record<TelemetrySignal['newestQuality'], { tone: Tone; icon: LucideIcon }>> = {
  bad: { tone: 'bad', icon: CircleX },
  uncertain: { tone: 'warn', icon: TriangleAlert },
  good: { tone: 'good', icon: CircleCheck },
}

/** A signal of several sources has none. */
const originText = ({ source, tag }: TelemetrySignal): string => [source, tag].filter(Boolean).join(' · ')

const saidColumns: readonly Column<TelemetrySignal>[] = [
  {
    id: 'newest',
    header: words.columns.newest,
    width: 'minmax(6rem, 1fr)',
    cell: ({ newestNumber, newestText, unit }) => (
      <span className="tabular" title={newestNumber === undefined ? newestText : String(newestNumber)}>
        <span className="font-medium">{newestNumber === undefined ? newestText : shortNumber(newestNumber)}</span>
        {unit !== undefined && <span className="text-soft"> {unit}</span>}
      </span>
    ),
  },
  {
    id: 'from',
    header: words.columns.from,
    width: 'minmax(7rem, 1fr)',
    sortValue: (signal) => originText(signal),
    cell: (signal) => (
      <span className="truncate text-soft" title={originText(signal)}>
        {originText(signal)}
      </span>
    ),
  },
  {
    id: 'quality',
    header: words.columns.quality,
    width: 'minmax(6rem, 0.75fr)',
    sortValue: ({ newestQuality }) => Object.keys(LOOKS).indexOf(newestQuality),
    cell: ({ newestQuality }) => (
      <Badge tone={LOOKS[newestQuality].tone} icon={LOOKS[newestQuality].icon} isPlain>
        {words.qualities[newestQuality]}
      </Badge>
    ),
  },
  {
    id: 'at',
    header: words.columns.at,
    width: '5.5rem',
    sortValue: ({ newestAtMs }) => newestAtMs,
    cell: ({ newestAtMs }) => <Instant ms={newestAtMs} />,
  },
  {
    id: 'values',
    header: words.columns.values,
    width: '5rem',
    isRight: true,
    sortValue: ({ values }) => values,
    cell: ({ values }) => words.values(values),
  },
]
