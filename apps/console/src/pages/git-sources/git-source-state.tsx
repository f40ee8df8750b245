import type { GitSource, GitSourceState } from '@skerry/contract/git-sources/git-source'
import { CircleCheck, CircleDashed, CirclePause, CircleX, GitCompare, Hourglass, type LucideIcon } from 'lucide-react'
import { Badge } from '../../components/facts/badge.tsx'
import type { Tone } from '../../components/facts/tones.ts'
import { gitSourcesTexts as words } from './english-git-sources.ts'

const LOOKS: Readonly<Record<GitSourceState, readonly [Tone, LucideIcon]>> = {
  new: ['busy', CircleDashed],
  current: ['good', CircleCheck],
  drifted: ['warn', GitCompare],
  paused: ['idle', CirclePause],
  waiting: ['warn', Hourglass],
  failed: ['bad', CircleX],
}

/** The state of a source as an icon and a word. */
export function GitSourceBadge({ state }: Pick<GitSource, 'state'>) {
  const [tone, icon] = LOOKS[state]
  return (
    <Badge tone={tone} icon={icon}>
      {words.states[state]}
    </Badge>
  )
}

/** Enough to recognise a commit, as Git shows it. */
export const shortHash = (hash: string): string => hash.slice(0, 12)
