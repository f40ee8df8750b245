/** Spot map: one place on a part of the offline map. If `onPick` is set, a click chooses another place. */
import { useQuery } from '@tanstack/react-query'
import { Minus, Plus } from 'lucide-react'
import { type MouseEvent, useMemo, useState } from 'react'
import { IconButton } from '../../components/button.tsx'
import { cn } from '../../components/class-names.ts'
import { texts } from '../../texts/english.ts'
import { loadWorld } from '../overview/load-world.ts'
import { landPath, MAP, middleOf, projectionFor, WHOLE_WORLD } from '../overview/world.ts'

export type Spot = { latitude: number; longitude: number }

type SpotMapProps = {
  spot: Spot | undefined
  /** Shown if there is no spot. */
  country: string | undefined
  onPick?: (spot: Spot) => void
}

/** Shows the neighbours of a country, so that its place is clear. */
const SCALE = 5
const SCALE_MAX = 40
/** A hundred metres. A click on a map is not more exact than these digits. */
const DIGITS = 3

export function SpotMap({ spot, country, onPick }: SpotMapProps) {
  const { data: world } = useQuery({ queryKey: ['world'], queryFn: loadWorld })
  const middle = world && country ? middleOf(world, country) : undefined
  const [zoom, setZoom] = useState(1)
  const at = spot ? ([spot.longitude, spot.latitude] as const) : middle
  const [longitude, latitude] = at ?? WHOLE_WORLD.center
  const scale = Math.max(1, Math.min(SCALE_MAX, (at ? SCALE : 1) * zoom))
  const projection = useMemo(
    () => projectionFor(scale === 1 ? WHOLE_WORLD : { center: [longitude, latitude], scale }),
    [longitude, latitude, scale],
  )
  const land = useMemo(() => (world ? landPath(world, projection) : ''), [world, projection])
  const mark = spot && projection([spot.longitude, spot.latitude])
  const pick = (event: MouseEvent<SVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const place = projection.invert?.([
      ((event.clientX - box.left) / box.width) * MAP.width,
      ((event.clientY - box.top) / box.height) * MAP.height,
    ])
    if (!place || place.some((degrees) => !Number.isFinite(degrees))) return
    onPick?.({ latitude: Number(place[1].toFixed(DIGITS)), longitude: Number(place[0].toFixed(DIGITS)) })
  }
  return (
    <div className="relative overflow-hidden rounded-lg border border-line bg-sea">
      <svg
        aria-hidden
        viewBox={`0 0 ${MAP.width} ${MAP.height}`}
        className={cn('block w-full', onPick && 'cursor-crosshair')}
        {...(onPick && { onClick: pick })}
      >
        <path d={land} className="fill-land stroke-sea" strokeWidth={0.8} />
        {mark && (
          <g transform={`translate(${mark[0]} ${mark[1]})`} className="fill-accent">
            <circle r={26} opacity={0.18} />
            <circle r={10} className="stroke-surface" strokeWidth={3} />
          </g>
        )}
      </svg>
      <div className="absolute top-2 right-2 flex flex-col rounded-lg border border-line bg-surface shadow-card">
        <IconButton label={texts.overview.zoomIn} isSmall onClick={() => setZoom(Math.min(8, zoom * 2))}>
          <Plus size={15} aria-hidden />
        </IconButton>
        <IconButton label={texts.overview.zoomOut} isSmall onClick={() => setZoom(Math.max(1 / 8, zoom / 2))}>
          <Minus size={15} aria-hidden />
        </IconButton>
      </div>
    </div>
  )
}
