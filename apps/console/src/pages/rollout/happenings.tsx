/**
 * Happenings: the people who steered the rollout with their reasons, its own decisions, and the failed devices. Newest
 * first, loaded page by page.
 */
import type { RolloutHappening } from '@skerry/contract/rollouts/rollout'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { Card } from '../../components/card.tsx'
import { outcomeText } from '../../components/charts/outcome-bar.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { type Column, DataTable } from '../../components/rows/data-table.tsx'
import { texts } from '../../texts/english.ts'
import { rolloutPageTexts } from './english-rollout.ts'
import { rolloutQueries } from './rollout-queries.ts'

const words = rolloutPageTexts.rolloutPage

type Row = RolloutHappening & { key: string }

export function Happenings({ rollout }: { rollout: string }) {
  const query = useInfiniteQuery(rolloutQueries.events(rollout))
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const rows = useMemo(() => data?.pages.flatMap((page) => page.rows).map(rowOf), [data])
  const more = () => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }
  const all = (
    <Link to="/audit" search={{ object: rollout }} className="rounded text-xs font-medium text-accent hover:underline">
      {texts.overview.allAudit}
    </Link>
  )
  return (
    <Card title={words.events} aside={all} isFlush>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!rows && !error && <Loading rows={4} />}
      {rows && rows.length > 0 && (
        <DataTable
          className="max-h-80"
          label={words.events}
          rows={rows}
          columns={columns}
          rowKey={({ key }) => key}
          sort={undefined}
          onSort={() => undefined}
          onEnd={more}
        />
      )}
    </Card>
  )
}

/** An event of a device occurs once in its row. A decision has a record. */
function rowOf(event: RolloutHappening): Row {
  if (event.kind === 'decided') return { ...event, key: String(event.sequence) }
  return { ...event, key: event.kind === 'device' ? event.device.deviceId : event.kind }
}

const columns: readonly Column<Row>[] = [
  {
    id: 'at',
    header: words.eventColumns.at,
    width: '11rem',
    cell: ({ atMs }) => (
      <span className="text-soft">
        <Instant ms={atMs} isAbsolute />
      </span>
    ),
  },
  {
    id: 'what',
    header: words.eventColumns.what,
    width: 'minmax(8.25rem, 11rem)',
    cell: (event) => <span className="font-medium">{words.happening(event)}</span>,
  },
  { id: 'who', header: words.eventColumns.who, width: 'minmax(9rem, 1fr)', rank: 2, cell: whoCell },
  { id: 'detail', header: words.eventColumns.detail, width: 'minmax(14rem, 3fr)', rank: 1, cell: detailCell },
]

const LINK = 'rounded hover:text-accent hover:underline'

function whoCell(event: Row) {
  if (event.kind === 'device') {
    return (
      <Link to="/devices/$device" params={{ device: event.device.device }} className={LINK}>
        {event.device.device}
      </Link>
    )
  }
  const actor = event.kind === 'superseded' ? undefined : event.actor
  return <span className="text-soft">{actor?.kind === 'hub' ? words.hub : (actor?.name ?? '')}</span>
}

function detailCell(event: Row) {
  if (event.kind === 'superseded') {
    return (
      <Link to="/rollouts/$rollout" params={{ rollout: event.rolloutId }} className={LINK}>
        {words.superseded(event.revision)}
      </Link>
    )
  }
  const text = detailOf(event)
  return (
    <span className="text-soft" title={text}>
      {text}
    </span>
  )
}

function detailOf(event: Row): string {
  if (event.kind === 'device') return event.device.cause?.message ?? ''
  if (event.kind !== 'decided') return ''
  const wave = event.wave && `${event.wave}: ${event.counts ? outcomeText(event.counts) : ''}`
  return [event.reason, wave].filter(Boolean).join(' · ')
}
