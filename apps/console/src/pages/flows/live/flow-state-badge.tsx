/** Flow state badge: how the thread of a flow is on a device. */
import type { FlowState } from '@skerry/contract/flows/flow-figures'
import { CircleCheck, type LucideIcon, RefreshCw, ShieldAlert, TriangleAlert } from 'lucide-react'
import { Tooltip } from '../../../components/dialogs/tooltip.tsx'
import { Badge } from '../../../components/facts/badge.tsx'
import type { Tone } from '../../../components/facts/tones.ts'
import { flowLiveTexts as words } from './english-flow-live.ts'

const LOOKS: Readonly<Record<FlowState['kind'], { tone: Tone; icon: LucideIcon }>> = {
  starting: { tone: 'busy', icon: RefreshCw },
  running: { tone: 'good', icon: CircleCheck },
  crashed: { tone: 'warn', icon: TriangleAlert },
  quarantined: { tone: 'bad', icon: ShieldAlert },
}

export const FlowStateBadge = ({ state: { kind } }: { state: FlowState }) => (
  <Tooltip text={words.stateHints[kind]}>
    <Badge tone={LOOKS[kind].tone} icon={LOOKS[kind].icon} isPlain>
      {words.states[kind]}
    </Badge>
  </Tooltip>
)
