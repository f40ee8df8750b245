/** Traffic card: the requests, errors and latency of a model over time, of all devices or of one. */
import type { TrafficSeries, TrafficSpan } from '@skerry/contract/traffic/traffic'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { Card } from '../../components/card.tsx'
import { durationText } from '../../components/charts/amounts.ts'
import { Select } from '../../components/fields.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { number } from '../../texts/count.ts'
import { trafficTexts as words } from './english-traffic.ts'
import { trafficQueries } from './traffic-queries.ts'
import { TrafficTable } from './traffic-table.tsx'

const TrafficChart = lazy(async () => ({ default: (await import('./traffic-chart.tsx')).TrafficChart }))

type TrafficCardProps = {
  model: string
  /** Of all devices if undefined. */
  device?: string
  /** Stands beside the choice of the time. */
  choice?: ReactNode
}

export function TrafficCard({ model, device, choice }: TrafficCardProps) {
  const [span, setSpan] = useState<TrafficSpan>('day')
  const { data, error, refetch } = useQuery(trafficQueries.series(model, span, device))
  const isEmpty = data?.points.length === 0
  return (
    <Card
      title={words.title}
      isFlush={data !== undefined && !isEmpty}
      aside={
        <span className="grid gap-2 sm:grid-flow-col">
          {choice}
          <Select aria-label={words.span} value={span} onChange={({ target }) => setSpan(target.value as TrafficSpan)}>
            {SPANS.map((each) => (
              <option key={each} value={each}>
                {words.spans[each]}
              </option>
            ))}
          </Select>
        </span>
      }
    >
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading rows={4} />}
      {isEmpty && <p className="max-w-prose text-sm text-soft">{words.none}</p>}
      {data && !isEmpty && (
        <>
          <div className="px-4 pt-4 pb-2">
            <Suspense fallback={<Loading rows={4} />}>
              <TrafficChart series={data} nowMs={Date.now()} />
            </Suspense>
          </div>
          <VersionSums series={data} />
          <Slowest series={data} />
          <p className="border-t border-line px-4 py-2.5 text-xs text-soft">
            {device === undefined ? words.fleetHint : words.deviceHint}
          </p>
          <TrafficTable points={data.points} />
        </>
      )}
    </Card>
  )
}

const SPANS: readonly TrafficSpan[] = ['day', 'week', 'year']

function VersionSums({ series: { model, versions } }: { series: TrafficSeries }) {
  const { version, requests, errors, p50, p95 } = words.versionColumns
  if (versions.length === 0) return null
  return (
    <PlainTable
      label={words.versions}
      headers={[version, requests, errors, p50, p95]}
      rightCount={2}
      rows={versions.map((one) => ({
        key: String(one.version),
        cells: [
          <Link
            key="version"
            to="/models/$model/versions/$version"
            params={{ model, version: String(one.version) }}
            className="text-accent hover:underline"
          >
            {one.version}
          </Link>,
          number.format(one.requests),
          <span key="errors" className={one.failures > 0 ? 'text-warn' : undefined}>
            {number.format(one.failures)}
            {one.failures > 0 && ` (${words.percent(one.failures / one.requests)})`}
          </span>,
          durationText(one.p50Us),
          durationText(one.p95Us),
        ],
      }))}
    />
  )
}

/** In the newest time with requests. */
function Slowest({ series: { points } }: { series: TrafficSeries }) {
  const slowest = points.findLast((point) => point.slowest)?.slowest
  if (!slowest) return null
  return (
    <p className="border-t border-line px-4 py-2.5 text-sm tabular">
      <Link to="/devices/$device" params={{ device: slowest.device }} className="text-accent underline">
        {slowest.device}
      </Link>{' '}
      {words.slowest(slowest.p95Us)}
    </p>
  )
}
