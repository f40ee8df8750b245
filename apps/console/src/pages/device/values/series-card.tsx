/** Series card: one signal over the time that is chosen, as a chart and as a table; it goes on by itself. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ChartNoAxesColumn } from 'lucide-react'
import { Card } from '../../../components/card.tsx'
import { SeriesChart } from '../../../components/charts/series-chart.tsx'
import { rangeOf } from '../../../components/charts/series-scale.ts'
import { Instant } from '../../../components/facts/instant.tsx'
import { Select } from '../../../components/fields.tsx'
import { Empty, Failure, Loading } from '../../../components/page-state.tsx'
import { SeriesTable } from '../../../components/rows/series-table.tsx'
import { SPAN_NAMES, type SpanName } from '../../../search.ts'
import { valuesTexts as words } from './english-values.ts'
import type { SpanRead } from './read-span.ts'
import { telemetryQueries } from './telemetry-queries.ts'

type SeriesProps = { device: string; signal: string; span: SpanName }

/** The card. */
export function SeriesCard({ device, signal, span }: SeriesProps) {
  const { data, error, refetch } = useQuery(telemetryQueries.series(device, signal, span))
  return (
    <Card title={<span className="font-mono wrap-anywhere">{signal}</span>} isFlush aside={<SpanSelect span={span} />}>
      {!data && !error && <Loading rows={6} />}
      {!data && error && <Failure error={error} onRetry={() => void refetch()} />}
      {data && <Series device={device} signal={signal} read={data} />}
    </Card>
  )
}

function SpanSelect({ span }: { span: SpanName }) {
  const navigate = useNavigate({ from: '/devices/$device' })
  const choose = (value: string) => {
    const chosen = SPAN_NAMES.find((each) => each === value)
    void navigate({ search: (before) => ({ ...before, span: chosen === '1h' ? undefined : chosen }), replace: true })
  }
  return (
    <Select aria-label={words.span} className="w-36" value={span} onChange={(event) => choose(event.target.value)}>
      {SPAN_NAMES.map((each) => (
        <option key={each} value={each}>
          {words.spans[each]}
        </option>
      ))}
    </Select>
  )
}

function Series({ device, signal, read }: { device: string; signal: string; read: SpanRead }) {
  const known = useQuery(telemetryQueries.signals(device)).data?.find((each) => each.signal === signal)
  const { buckets, partMs, fromMs, toMs, readToMs } = read
  if (buckets.length === 0 && readToMs === toMs)
    return (
      <Empty
        icon={ChartNoAxesColumn}
        title={words.noValues}
        hint={
          known ? (
            <>
              {words.newestOf} <Instant ms={known.newestAtMs} isAbsolute />.
            </>
          ) : (
            words.neverSent
          )
        }
      />
    )
  return (
    <>
      {readToMs < toMs && (
        <p role="status" className="border-b border-line px-4 py-2 text-sm">
          {words.cut} <Instant ms={readToMs} isAbsolute />. <span className="text-soft">{words.cutHint}</span>
        </p>
      )}
      <div className="p-4">
        {rangeOf(buckets) ? (
          <SeriesChart name={signal} points={buckets} span={{ fromMs, toMs }} partMs={partMs} unit={known?.unit} />
        ) : (
          <p className="text-sm text-soft">{words.noNumbers}</p>
        )}
      </div>
      <SeriesTable label={words.seriesOf(signal)} points={buckets} />
    </>
  )
}
