/** Placement card: the devices that the policy of a deployment picks, the reasons, and a what-if. */
import type { PlaceVerdict } from '@skerry/contract/places/placement'
import { placementWords } from '@skerry/core/places/place-text'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { Card } from '../../components/card.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { DeviceLink } from '../../components/facts/device-link.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { placesTexts as words } from './english-places.ts'
import { placeQueries } from './place-queries.ts'
import { WhatIfForm } from './what-if-form.tsx'

/** The shapes of the map come only with a placement. */
const PlacementMap = lazy(async () => ({ default: (await import('./placement-map.tsx')).PlacementMap }))

/** The number of devices that the card has room for. */
const SHOWN_MAX = 12

export function PlacementCard({ deployment }: { deployment: string }) {
  const { data, error, refetch } = useQuery(placeQueries.decision(deployment))
  if (error) {
    return (
      <Card title={words.title}>
        <Failure error={error} onRetry={() => void refetch()} />
      </Card>
    )
  }
  if (!data) {
    return (
      <Card title={words.title}>
        <Loading rows={4} />
      </Card>
    )
  }
  const { policy, wanted, unmet, devices } = data
  return (
    <Card title={words.title} isFlush aside={<Placed wanted={wanted} unmet={unmet} />}>
      <p className="px-4 pt-3 pb-1 text-sm text-soft">{words.lead(placementWords(policy))}</p>
      <Suspense fallback={null}>
        <PlacementMap devices={devices} />
      </Suspense>
      <PlainTable
        label={words.title}
        headers={[words.columns.device, words.columns.site, words.columns.verdict, words.columns.why]}
        rightCount={0}
        rows={devices.slice(0, SHOWN_MAX).map(({ id, device, site, country, verdict, reason }) => ({
          key: id,
          cells: [
            <DeviceLink key="device" device={device} />,
            <span key="site" className="text-soft">
              {country === undefined ? site : `${site} (${country})`}
            </span>,
            <VerdictBadge key="verdict" verdict={verdict} />,
            <span key="why" className="text-soft">
              {reason}
            </span>,
          ],
        }))}
      />
      {devices.length > SHOWN_MAX && (
        <p className="px-4 py-2 text-sm text-soft">{words.more(devices.length - SHOWN_MAX)}</p>
      )}
      <WhatIfForm deployment={deployment} devices={devices} />
    </Card>
  )
}

const Placed = ({ wanted, unmet }: { wanted: number; unmet: number }) => (
  <Badge tone={unmet > 0 ? 'warn' : 'good'} isPlain>
    {unmet > 0 ? words.unmet(unmet) : words.placed(wanted - unmet, wanted)}
  </Badge>
)

const TONES: Partial<Record<PlaceVerdict, 'good' | 'busy' | 'warn'>> = {
  picked: 'good',
  leaving: 'busy',
  device_silent: 'warn',
}

const VerdictBadge = ({ verdict }: { verdict: PlaceVerdict }) => (
  <Badge tone={TONES[verdict] ?? 'idle'} isPlain>
    {words.verdicts[verdict]}
  </Badge>
)
