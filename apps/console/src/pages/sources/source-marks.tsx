/** Source marks: how a source does on a device, and what its protocol was held against, as an icon and a word in one colour. */
import type { ConnectionState } from '@skerry/contract/connections/connection'
import { UNPROVEN } from '@skerry/contract/sources/source-proof'
import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleX,
  type LucideIcon,
  RefreshCw,
  ShieldAlert,
  TriangleAlert,
} from 'lucide-react'
import { Tooltip } from '../../components/dialogs/tooltip.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import type { Tone } from '../../components/facts/tones.ts'
import { sourcesTexts as words } from './english-sources.ts'

export type SaidState = ConnectionState | 'unsaid'

export const CONNECTION_LOOKS: Readonly<Record<SaidState, { tone: Tone; icon: LucideIcon }>> = {
  connecting: { tone: 'busy', icon: RefreshCw },
  up: { tone: 'good', icon: CircleCheck },
  down: { tone: 'bad', icon: CircleX },
  crashed: { tone: 'warn', icon: TriangleAlert },
  quarantined: { tone: 'bad', icon: ShieldAlert },
  refused: { tone: 'bad', icon: Ban },
  unsaid: { tone: 'idle', icon: CircleDashed },
}

export const SourceBadge = ({ state }: { state: SaidState }) => (
  <Tooltip text={words.stateHints[state]}>
    <Badge tone={CONNECTION_LOOKS[state].tone} icon={CONNECTION_LOOKS[state].icon} isPlain>
      {words.states[state]}
    </Badge>
  </Tooltip>
)

/** What nobody but ourselves was held against is said to be so wherever it is named. */
export const ProtocolMark = ({ protocol, mark = words.unproven }: { protocol: string; mark?: string }) => (
  <span className="inline-flex min-w-0 flex-wrap items-center gap-x-2">
    <span className="font-mono text-xs">{protocol}</span>
    {UNPROVEN.includes(protocol) && (
      <Tooltip text={words.unprovenHint}>
        <Badge tone="warn" icon={TriangleAlert} isPlain>
          {mark}
        </Badge>
      </Tooltip>
    )}
  </span>
)
