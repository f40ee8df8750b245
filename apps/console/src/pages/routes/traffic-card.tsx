/** Traffic card: a picture of the places of a route: the width of a line is the share of the requests. */
import type { RouteDetail, RoutePlace } from '@skerry/contract/routes/route'
import { Signpost } from 'lucide-react'
import { Card } from '../../components/card.tsx'
import { cn } from '../../components/class-names.ts'
import { Badge } from '../../components/facts/badge.tsx'
import { DeviceLink } from '../../components/facts/device-link.tsx'
import { TONE_TEXT } from '../../components/facts/tones.ts'
import { routesTexts } from './english-routes.ts'
import { isUsedPlace, placeLook, totalOf } from './route-badge.tsx'

const words = routesTexts.picture

/** Places that the picture has room for; the table has all. */
const SHOWN_MAX = 8

/** The height of a place and of the space after it, in pixels. */
const ROW = 68
const GAP = 10

/** The width of the line of a place with all the requests, and of one with none. */
const LINE_MAX = 9
const LINE_MIN = 1.5

export function TrafficCard({ route }: { route: RouteDetail }) {
  const { name, places, spec, perSecond } = route
  const shown = places.slice(0, SHOWN_MAX)
  const height = shown.length * (ROW + GAP) - GAP
  const used = places.filter(isUsedPlace).length
  return (
    <Card title={words.title} aside={<span className="text-xs text-soft">{words.minute}</span>}>
      {shown.length === 0 ? (
        <p className="text-sm text-soft">{words.none(spec.model)}</p>
      ) : (
        <div className="grid grid-cols-[minmax(5.5rem,9rem)_minmax(1.5rem,1fr)_minmax(0,16rem)] items-center sm:grid-cols-[9rem_minmax(3rem,1fr)_minmax(0,20rem)]">
          <div className="rounded-lg border border-line-strong bg-raised px-3 py-2.5">
            <span className="flex items-center gap-1.5 text-xs text-soft">
              <Signpost size={14} aria-hidden />
              {words.callers}
            </span>
            <span className="block truncate text-sm font-semibold">{name}</span>
            <span className="tabular text-xs text-soft">{words.perSecond(routesTexts.rate(perSecond))}</span>
          </div>
          <svg
            role="img"
            aria-label={words.said(name, places.length, used)}
            viewBox={`0 0 100 ${height}`}
            preserveAspectRatio="none"
            className="w-full"
            style={{ height }}
          >
            {shown.map((place, at) => (
              <Line
                key={place.id}
                place={place}
                total={perSecond}
                fromY={height / 2}
                toY={at * (ROW + GAP) + ROW / 2}
              />
            ))}
          </svg>
          <ul className="flex flex-col" style={{ gap: GAP }}>
            {shown.map((place) => (
              <PlaceBox key={place.id} place={place} />
            ))}
          </ul>
        </div>
      )}
      {places.length > SHOWN_MAX && <p className="mt-3 text-sm text-soft">{words.more(places.length - SHOWN_MAX)}</p>}
    </Card>
  )
}

type LineProps = { place: RoutePlace; total: number; fromY: number; toY: number }

function Line({ place, total, fromY, toY }: LineProps) {
  const share = total > 0 ? totalOf(place, ({ perSecond }) => perSecond) / total : 0
  const { tone } = placeLook(place)
  return (
    <path
      d={`M 0 ${fromY} C 50 ${fromY}, 50 ${toY}, 100 ${toY}`}
      className={TONE_TEXT[tone]}
      fill="none"
      stroke="currentColor"
      strokeOpacity={isUsedPlace(place) ? 0.75 : 0.35}
      strokeWidth={LINE_MIN + share * (LINE_MAX - LINE_MIN)}
      strokeDasharray={tone === 'good' ? undefined : '4 5'}
      vectorEffect="non-scaling-stroke"
    />
  )
}

function PlaceBox({ place }: { place: RoutePlace }) {
  const { tone, icon, text } = placeLook(place)
  const isUsed = isUsedPlace(place)
  return (
    <li
      className={cn(
        'flex flex-col justify-center rounded-lg border px-3',
        isUsed ? 'border-line-strong bg-surface' : 'border-line border-dashed',
      )}
      style={{ height: ROW }}
    >
      <span className="flex min-w-0 items-center justify-between gap-2 text-sm">
        <span className="min-w-0 truncate">
          <DeviceLink device={place.device} />
        </span>
        <Badge tone={tone} icon={icon} isPlain>
          <span className={cn(isUsed && 'max-sm:hidden')}>{text}</span>
        </Badge>
      </span>
      <span className="tabular truncate text-xs text-soft">
        {isUsed
          ? [
              words.perSecond(routesTexts.rate(totalOf(place, ({ perSecond }) => perSecond))),
              words.outstanding(totalOf(place, ({ outstanding }) => outstanding)),
            ].join(' · ')
          : place.site}
      </span>
    </li>
  )
}
