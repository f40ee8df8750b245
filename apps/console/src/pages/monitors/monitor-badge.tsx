/** Monitor badge: the state of a monitor, a version or a feature, as an icon and words. */
import type { MonitorState } from '@skerry/contract/monitors/monitor'
import { CircleCheck, CircleDashed, CircleX, Hourglass, type LucideIcon, TriangleAlert } from 'lucide-react'
import { Badge } from '../../components/facts/badge.tsx'
import type { Tone } from '../../components/facts/tones.ts'
import { monitorsTexts as words } from './english-monitors.ts'

const LOOKS: Readonly<Record<MonitorState, { tone: Tone; icon: LucideIcon }>> = {
  ok: { tone: 'good', icon: CircleCheck },
  warn: { tone: 'warn', icon: TriangleAlert },
  alert: { tone: 'bad', icon: CircleX },
  waiting: { tone: 'busy', icon: Hourglass },
  quiet: { tone: 'idle', icon: CircleDashed },
  unprofiled: { tone: 'warn', icon: CircleDashed },
}

export const MonitorBadge = ({ state, isPlain }: { state: MonitorState; isPlain?: boolean }) => (
  <Badge {...LOOKS[state]} {...(isPlain && { isPlain })}>
    {words.states[state]}
  </Badge>
)
