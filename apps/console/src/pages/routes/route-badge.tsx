/** Route badge: the state of a route, and the tone of a place. */
import type { RoutePlace, RouteState } from '@skerry/contract/routes/route'
import { CircleCheck, CircleDashed, CircleX, type LucideIcon, TriangleAlert } from 'lucide-react'
import { Badge } from '../../components/facts/badge.tsx'
import type { Tone } from '../../components/facts/tones.ts'
import { routesTexts as words } from './english-routes.ts'

const LOOKS: Readonly<Record<RouteState, [Tone, LucideIcon]>> = {
  serving: ['good', CircleCheck],
  limited: ['warn', TriangleAlert],
  down: ['bad', CircleX],
  idle: ['idle', CircleDashed],
}

export function RouteBadge({ state, isPlain }: { state: RouteState; isPlain?: boolean }) {
  const [tone, icon] = LOOKS[state]
  return (
    <Badge tone={tone} icon={icon} {...(isPlain && { isPlain })}>
      {words.states[state]}
    </Badge>
  )
}

/** Whether gateways may use the place. */
export const isUsedPlace = ({ verdict }: RoutePlace): boolean => verdict === 'open' || verdict === 'device_silent'

/** The worst state that a gateway sees, else the verdict of the hub. */
export function placeLook(place: RoutePlace): { tone: Tone; icon: LucideIcon; text: string } {
  if (!isUsedPlace(place)) return { tone: 'idle', icon: CircleDashed, text: words.verdicts[place.verdict] }
  const states = place.traffic.map(({ state }) => state)
  if (states.includes('open')) return { tone: 'bad', icon: CircleX, text: words.breakers.open }
  if (states.includes('half-open')) return { tone: 'busy', icon: CircleDashed, text: words.breakers['half-open'] }
  if (place.verdict === 'device_silent')
    return { tone: 'warn', icon: TriangleAlert, text: words.verdicts.device_silent }
  return { tone: 'good', icon: CircleCheck, text: words.breakers.closed }
}

/** The figure of all gateways together. */
export const totalOf = ({ traffic }: RoutePlace, figure: (one: RoutePlace['traffic'][number]) => number): number =>
  traffic.reduce((sum, one) => sum + figure(one), 0)
