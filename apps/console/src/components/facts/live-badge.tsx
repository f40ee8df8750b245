/** Live badge: whether what stands there is of now: live, paused, or old because nobody answers. */
import { CirclePause, CloudOff, Radio, RefreshCw } from 'lucide-react'
import { liveTexts as words } from '../../texts/english-live.ts'
import { Tooltip } from '../dialogs/tooltip.tsx'
import { ageText } from './age-text.ts'
import { Badge } from './badge.tsx'
import { useNowMs } from './instant.tsx'

type LiveBadgeProps = {
  heardAtMs: number | undefined
  hasProblem: boolean
  isPaused: boolean
  isHidden: boolean
  /** How often it is asked. */
  hint: string
}

export function LiveBadge({ heardAtMs, hasProblem, isPaused, isHidden, hint }: LiveBadgeProps) {
  const now = useNowMs()
  if (isPaused || isHidden)
    return (
      <Badge tone="idle" icon={CirclePause}>
        {isPaused ? words.paused : words.hidden}
      </Badge>
    )
  if (heardAtMs === undefined)
    return (
      <Badge tone="busy" icon={RefreshCw}>
        {words.waiting}
      </Badge>
    )
  if (hasProblem)
    return (
      <Badge tone="warn" icon={CloudOff}>
        {words.stale(ageText(Math.max(0, now - heardAtMs)))}
      </Badge>
    )
  return (
    <Tooltip text={hint}>
      <Badge tone="good" icon={Radio}>
        {words.live}
      </Badge>
    </Tooltip>
  )
}
