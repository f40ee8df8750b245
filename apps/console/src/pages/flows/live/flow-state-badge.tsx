/** Flow state badge: the state of a flow's thread on a device. */
import type { FlowState } from '@skerry/contract/flow-figures'
import { CircleCheck, type LucideIcon, RefreshCw, ShieldAlert, TriangleAlert } from 'lucide-react'
import { Badge } from '../../../components/badge.tsx'
import type { Tone } from '../../../components/tones.ts'
import { Tooltip } from '../../../components/tooltip.tsx'
import { flowLiveTexts as words } from '../../../texts/english-flow-live.ts'

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
