/**
 * Participant map: the devices of a round at each site, on the offline map. The list below it names the sites that have no
 * place on the map. The tables beside it have the same facts, so the picture is one image for a screen reader.
 */
import type { CampaignCandidate, CampaignParticipant } from '@skerry/contract/campaigns/campaign'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { Card } from '../../components/card.tsx'
import { cn } from '../../components/class-names.ts'
import { TONE_FILL } from '../../components/facts/tones.ts'
import { queries } from '../../hub/queries.ts'
import { loadWorld } from '../overview/load-world.ts'
import { placeSites } from '../overview/site-places.ts'
import { fittingView, landPath, MAP, projectionFor } from '../overview/world.ts'
import { campaignsTexts as words } from './english-campaigns.ts'
import { type ParticipantMark, participantMarks, toneOfSite } from './participant-marks.ts'

const textOf = ({ site, states, offering }: ParticipantMark) =>
  words.map.mark({
    site,
    states: states.map(([state, devices]) => [words.participants.states[state].toLowerCase(), devices]),
    offering,
  })

type ParticipantMapProps = { participants: readonly CampaignParticipant[]; candidates: readonly CampaignCandidate[] }

export function ParticipantMap({ participants, candidates }: ParticipantMapProps) {
  const { data: world } = useQuery({ queryKey: ['world'], queryFn: loadWorld })
  const { data: states } = useQuery(queries.siteStates())
  const marks = useMemo(() => participantMarks({ participants, candidates }), [participants, candidates])
  const { places } = useMemo(() => {
    const named = new Set(marks.map(({ site }) => site))
    return placeSites(
      (states ?? []).filter(({ site }) => named.has(site)),
      world,
    )
  }, [states, marks, world])
  const projection = useMemo(() => projectionFor(fittingView(places.map(({ at }) => at))), [places])
  const land = useMemo(() => (world ? landPath(world, projection) : ''), [world, projection])
  // Before the states of the sites are here, no site has a place.
  if (marks.length === 0 || !states) return null
  const at = new Map(places.map((place) => [place.state.site as string, place.at]))
  const placed = marks.flatMap((mark) => {
    const place = at.get(mark.site)
    return place ? [{ mark, spot: projection(place) ?? [-99, -99] }] : []
  })
  const unplaced = marks.filter(({ site }) => !at.has(site))
  return (
    <Card title={words.map.title} isFlush>
      {placed.length > 0 && (
        <svg
          role="img"
          aria-label={placed.map(({ mark }) => textOf(mark)).join('; ')}
          viewBox={`0 0 ${MAP.width} ${MAP.height}`}
          className="block max-h-80 w-full bg-sea"
        >
          <path d={land} className="fill-land stroke-sea" strokeWidth={0.8} />
          {placed.map(({ mark, spot: [x, y] }) => (
            <g key={mark.site} transform={`translate(${x} ${y})`}>
              <title>{textOf(mark)}</title>
              <circle r={13} className={cn(TONE_FILL[toneOfSite(mark)], 'stroke-surface')} strokeWidth={3} />
              <text y={30} textAnchor="middle" className="fill-text text-xl">
                {textOf(mark)}
              </text>
            </g>
          ))}
        </svg>
      )}
      {unplaced.length > 0 && (
        <p className="px-4 py-2 text-xs text-soft">{words.map.unplaced(unplaced.map(textOf).join('; '))}</p>
      )}
    </Card>
  )
}
