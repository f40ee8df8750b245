/** Overview: how the fleet fares, where, what is rolling, and what was changed last. */
import type { DeviceHealth } from '@skerry/contract/device'
import type { SiteState } from '@skerry/contract/site'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Server } from 'lucide-react'
import { Card, Page } from '../../components/card.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'
import { RecentAudit } from './recent-audit.tsx'
import { RolloutsInFlight } from './rollouts-in-flight.tsx'
import { SiteMap } from './site-map.tsx'
import { HealthTiles, ItemTiles } from './tiles.tsx'

/** The page at /. */
export function OverviewPage() {
  const states = useQuery(queries.siteStates())
  const status = useQuery(queries.status())
  const counts = sumOf(states.data ?? [])
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  if (states.isError)
    return (
      <Page title={texts.overview.title}>
        <Card>
          <Failure error={states.error} onRetry={() => void states.refetch()} />
        </Card>
      </Page>
    )
  return (
    <Page title={texts.overview.title} lead={states.data && texts.overview.devicesTotal(total, states.data.length)}>
      {states.data && total === 0 ? <NoDevices /> : <HealthTiles counts={counts} />}
      <div className="grid gap-4 xl:grid-cols-[minmax(0,1.75fr)_minmax(20rem,1fr)]">
        <Card title={texts.overview.map} isFlush>
          {states.data ? <SiteMap states={states.data} /> : <Loading rows={6} />}
        </Card>
        <div className="flex min-w-0 flex-col gap-4">
          <RolloutsInFlight status={status.data} />
          <ItemTiles items={status.data?.items} />
        </div>
      </div>
      <RecentAudit />
    </Page>
  )
}

/** Each device is in one of them, so that they add up. */
export function sumOf(states: readonly SiteState[]): Partial<Record<DeviceHealth, number>> {
  const sum: Partial<Record<DeviceHealth, number>> = {}
  for (const { devices } of states) {
    for (const [health, count] of Object.entries(devices) as [DeviceHealth, number][])
      sum[health] = (sum[health] ?? 0) + count
  }
  return sum
}

const NoDevices = () => (
  <Card>
    <Empty
      icon={Server}
      title={texts.overview.empty}
      hint={texts.overview.emptyHint}
      action={
        <Link
          to="/settings"
          search={{ tab: 'tokens' }}
          className="inline-flex h-8.5 items-center rounded-md bg-accent px-3 text-sm font-medium text-on-accent hover:bg-accent-strong"
        >
          {texts.overview.emptyAction}
        </Link>
      }
    />
  </Card>
)
