/** Learning badge: the state of a learning as an icon and words. */
import type { LearningPhase } from '@skerry/contract/learning/learning'
import { Ban, CircleCheck, Hourglass, type LucideIcon, RefreshCw, TriangleAlert } from 'lucide-react'
import { Badge } from '../../components/facts/badge.tsx'
import type { Tone } from '../../components/facts/tones.ts'
import { learningTexts as words } from './english-learning.ts'

const BUSY = { tone: 'busy', icon: RefreshCw } as const

const LOOKS: Readonly<Record<LearningPhase, { tone: Tone; icon: LucideIcon }>> = {
  waiting: { tone: 'busy', icon: Hourglass },
  collect: BUSY,
  train: BUSY,
  publish: BUSY,
  shadow: BUSY,
  done: { tone: 'good', icon: CircleCheck },
  refused: { tone: 'warn', icon: TriangleAlert },
  cancelled: { tone: 'idle', icon: Ban },
}

export const LearningBadge = ({ phase, isPlain }: { phase: LearningPhase; isPlain?: boolean }) => (
  <Badge {...LOOKS[phase]} {...(isPlain && { isPlain })}>
    {words.states[phase]}
  </Badge>
)
