import type { ModelFeed, ModelFeedState } from '@skerry/contract/model-feeds/model-feed'
import { CircleCheck, CircleDashed, CirclePause, CircleX, type LucideIcon } from 'lucide-react'
import { Badge } from '../../components/facts/badge.tsx'
import type { Tone } from '../../components/facts/tones.ts'
import { modelFeedsTexts as words } from './english-model-feeds.ts'

const LOOKS: Readonly<Record<ModelFeedState, readonly [Tone, LucideIcon]>> = {
  new: ['busy', CircleDashed],
  current: ['good', CircleCheck],
  paused: ['idle', CirclePause],
  failed: ['bad', CircleX],
}

/** The state of a feed as an icon and a word. */
export function ModelFeedBadge({ state }: Pick<ModelFeed, 'state'>) {
  const [tone, icon] = LOOKS[state]
  return (
    <Badge tone={tone} icon={icon}>
      {words.states[state]}
    </Badge>
  )
}
