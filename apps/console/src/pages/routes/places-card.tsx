/** Places card: the devices that serve the model of a route, with their figures or the rule that excludes them. */
import type { RoutePlace } from '@skerry/contract/routes/route'
import { Card } from '../../components/card.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { DeviceLink } from '../../components/facts/device-link.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { number } from '../../texts/count.ts'
import { routesTexts } from './english-routes.ts'
import { isUsedPlace, placeLook, totalOf } from './route-badge.tsx'

const { columns, title } = routesTexts.places

export function PlacesCard({ places }: { places: readonly RoutePlace[] }) {
  if (places.length === 0) return null
  // A device may serve several stages of a pipeline.
  const isStaged = places.some(({ stage }) => stage !== undefined)
  return (
    <Card title={title} isFlush>
      <PlainTable
        label={title}
        headers={[
          columns.device,
          ...(isStaged ? [columns.stage] : []),
          columns.site,
          columns.version,
          columns.state,
          routesTexts.columns.rate,
          routesTexts.columns.latency,
          columns.p99,
          columns.failed,
        ]}
        wideOnly={[columns.version, columns.p99, columns.failed]}
        rows={places.map((place) => ({ key: `${place.id} ${place.stage}`, cells: cellsOf(place) }))}
      />
    </Card>
  )
}

function cellsOf(place: RoutePlace) {
  const { device, stage, site, country, version, reason, traffic } = place
  const { tone, icon, text } = placeLook(place)
  const isUsed = isUsedPlace(place)
  const [first] = traffic
  return [
    <span key="device" className="whitespace-nowrap">
      <DeviceLink device={device} />
    </span>,
    ...(stage === undefined ? [] : [number.format(stage)]),
    <span key="site" className="text-soft">
      {country === undefined ? site : `${site} (${country})`}
    </span>,
    version,
    <span key="state" className="flex flex-col py-1.5">
      <Badge tone={tone} icon={icon} isPlain>
        {text}
      </Badge>
      {tone !== 'good' && !isUsed && <span className="max-w-xs text-xs text-soft">{reason}</span>}
    </span>,
    <span key="rate" className="tabular">
      {isUsed ? routesTexts.rate(totalOf(place, ({ perSecond }) => perSecond)) : ''}
    </span>,
    <span key="p50" className="tabular whitespace-nowrap">
      {isUsed ? routesTexts.ms(first?.p50Ms) : ''}
    </span>,
    <span key="p99" className="tabular whitespace-nowrap">
      {isUsed ? routesTexts.ms(first?.p99Ms) : ''}
    </span>,
    isUsed ? number.format(totalOf(place, ({ failed }) => failed)) : '',
  ]
}
