/** Overview: the health of the fleet by site, the active rollouts, and the latest changes. */
import type { DeviceHealth } from '@skerry/contract/devices/device'
import type { SiteState } from '@skerry/contract/sites/site'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { Card, Page } from '../../components/card.tsx'
import { DeployButton } from '../../components/facts/deploy-button.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'
import { isSampleSite } from '../tour/sample-site.ts'
import { Attention } from './attention.tsx'
import { hasFirstSteps } from './beginning.ts'
import { RecentAudit } from './recent-audit.tsx'
import { RolloutsInFlight } from './rollouts-in-flight.tsx'
import { HealthTiles, ItemTiles } from './tiles.tsx'

/** Loaded only for people who have not started yet. */
const FirstSteps = lazy(async () => ({ default: (await import('./first-steps.tsx')).FirstSteps }))

/** Loaded only while the hub holds the sample data of the tour. */
const SampleCard = lazy(async () => ({ default: (await import('../tour/sample-card.tsx')).SampleCard }))

/**
 * Loaded separately from the first content: the shapes of countries and their projection are a tenth of the first load.
 */
const SiteMap = lazy(async () => ({ default: (await import('./site-map.tsx')).SiteMap }))

/** Renders the page at /. */
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
  const isBeginning = states.data !== undefined && status.data !== undefined && hasFirstSteps(status.data, total)
  return (
    <Page
      title={texts.overview.title}
      lead={states.data && texts.overview.devicesTotal(total, states.data.length)}
      actions={total > 0 && !isBeginning && <DeployButton />}
    >
      {/* With devices, the alerts come first. Without devices, the first steps do. */}
      {total > 0 && <Attention hasDevices />}
      {status.data && isBeginning && (
        <Suspense>
          <FirstSteps status={status.data} devices={total} />
        </Suspense>
      )}
      {states.data?.some(isSampleSite) && (
        <Suspense>
          <SampleCard />
        </Suspense>
      )}
      {states.data && total === 0 && <Attention hasDevices={false} />}
      {total > 0 && <HealthTiles counts={counts} down={status.data?.down} />}
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.75fr)_minmax(20rem,1fr)]">
        <Card title={texts.overview.map} aside={<AllSites />} isFlush>
          <Suspense fallback={<Loading rows={6} />}>
            {states.data ? <SiteMap states={states.data} /> : <Loading rows={6} />}
          </Suspense>
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

/** The same data as the map, for people who prefer text or have no pointer. */
const AllSites = () => (
  <Link to="/sites" search={{ sort: 'trouble' }} className="rounded text-xs font-medium text-accent hover:underline">
    {texts.overview.allSites}
  </Link>
)

/** Each device is in exactly one state, so the numbers add up. */
export function sumOf(states: readonly SiteState[]): Partial<Record<DeviceHealth, number>> {
  const sum: Partial<Record<DeviceHealth, number>> = {}
  for (const { devices } of states) {
    for (const [health, count] of Object.entries(devices) as [DeviceHealth, number][])
      sum[health] = (sum[health] ?? 0) + count
  }
  return sum
}
