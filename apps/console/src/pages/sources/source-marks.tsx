/**
 * Source marks: the state of a source on a device, and whether its protocol was tested against independent
 * implementations. Each mark is an icon and a word in one colour.
 */
import { UNPROVEN } from '@skerry/contract/sources/source-proof'
import type { ReportedState } from '@skerry/core/connections/report-words'
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

export type SaidState = ReportedState

export const CONNECTION_LOOKS: Readonly<Record<SaidState, { tone: Tone; icon: LucideIcon }>> = {
  connecting: { tone: 'busy', icon: RefreshCw },
  up: { tone: 'good', icon: CircleCheck },
  down: { tone: 'bad', icon: CircleX },
  crashed: { tone: 'warn', icon: TriangleAlert },
  quarantined: { tone: 'bad', icon: ShieldAlert },
  refused: { tone: 'bad', icon: Ban },
  silent: { tone: 'idle', icon: CircleDashed },
  unsaid: { tone: 'idle', icon: CircleDashed },
}

export const SourceBadge = ({ state }: { state: SaidState }) => (
  <Tooltip text={words.stateHints[state]}>
    <Badge tone={CONNECTION_LOOKS[state].tone} icon={CONNECTION_LOOKS[state].icon} isPlain>
      {words.states[state]}
    </Badge>
  </Tooltip>
)

/** Marks a protocol that was only tested against our own implementation, wherever its name appears. */
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
