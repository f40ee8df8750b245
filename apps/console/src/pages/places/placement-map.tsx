/**
 * Placement map: the replicas of a deployment at each site, on the offline map, and the moves that a person tries out.
 * The table beside it has the same facts, so the picture is one image for a screen reader.
 */
import type { PlacedDevice, WhatIfAnswer } from '@skerry/contract/places/placement'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { cn } from '../../components/class-names.ts'
import { TONE_FILL } from '../../components/facts/tones.ts'
import { queries } from '../../hub/queries.ts'
import { loadWorld } from '../overview/load-world.ts'
import { placeSites } from '../overview/site-places.ts'
import { fittingView, landPath, MAP, projectionFor } from '../overview/world.ts'
import { placesTexts as words } from './english-places.ts'
import { placementMarks, statesAt, toneOfMark } from './placement-marks.ts'

type PlacementMapProps = { devices: readonly PlacedDevice[]; change?: WhatIfAnswer }

export function PlacementMap({ devices, change }: PlacementMapProps) {
  const { data: world } = useQuery({ queryKey: ['world'], queryFn: loadWorld })
  const { data: states = [] } = useQuery(queries.siteStates())
  const { places } = useMemo(
    () => placeSites(statesAt(states, devices, change), world),
    [states, devices, change, world],
  )
  const projection = useMemo(() => projectionFor(fittingView(places.map(({ at }) => at))), [places])
  const land = useMemo(() => (world ? landPath(world, projection) : ''), [world, projection])
  const { marks, unplaced } = placementMarks(devices, places, change)
  // A map without a mark says nothing.
  if (marks.length === 0) return null
  return (
    <figure className="mx-4 my-2 overflow-hidden rounded-lg border border-line bg-sea">
      <svg role="img" aria-label={marks.map(words.mark).join('; ')} viewBox={`0 0 ${MAP.width} ${MAP.height}`}>
        <path d={land} className="fill-land stroke-sea" strokeWidth={0.8} />
        {marks.map((mark) => {
          const [x, y] = projection(mark.at) ?? [-99, -99]
          return (
            <g key={mark.site} transform={`translate(${x} ${y})`}>
              <title>{words.mark(mark)}</title>
              <circle r={13} className={cn(TONE_FILL[toneOfMark(mark)], 'stroke-surface')} strokeWidth={3} />
              <text y={30} textAnchor="middle" className="fill-text text-xl">
                {words.mark(mark)}
              </text>
            </g>
          )
        })}
      </svg>
      {unplaced.length > 0 && (
        <figcaption className="px-3 py-1 text-xs text-soft">{words.unplaced(unplaced.join(', '))}</figcaption>
      )}
    </figure>
  )
}
