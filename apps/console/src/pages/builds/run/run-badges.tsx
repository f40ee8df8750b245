/** Run badges: the state of an optimisation and the result of a recipe, each as an icon and a word. */
import type { Optimisation, OptimisationStatus, RecipeOutcome, RecipeResult } from '@skerry/contract/builds/build'
import { Ban, CircleCheck, CircleDashed, CircleX, type LucideIcon, RefreshCw } from 'lucide-react'
import { Badge } from '../../../components/facts/badge.tsx'
import type { Tone } from '../../../components/facts/tones.ts'
import { buildTexts } from '../english-builds.ts'

const words = buildTexts.run

const STATUS: Readonly<Record<OptimisationStatus, readonly [Tone, LucideIcon]>> = {
  queued: ['idle', CircleDashed],
  running: ['busy', RefreshCw],
  done: ['good', CircleCheck],
  cancelled: ['idle', Ban],
}

const OUTCOME: Readonly<Record<RecipeOutcome, readonly [Tone, LucideIcon]>> = {
  waiting: ['idle', CircleDashed],
  admitted: ['good', CircleCheck],
  refused: ['warn', Ban],
  failed: ['bad', CircleX],
}

export function RunStatusBadge({ status }: { status: OptimisationStatus }) {
  const [tone, icon] = STATUS[status]
  return (
    <Badge tone={tone} icon={icon}>
      {words.status[status]}
    </Badge>
  )
}

/** While a run lasts, its present recipe is being made. After its end, the remaining recipes were not made. */
export function ResultBadge({ result, run }: { result: RecipeResult; run: Optimisation }) {
  const { outcome } = result
  const [tone, icon] = OUTCOME[outcome]
  if (outcome !== 'waiting')
    return (
      <Badge tone={tone} icon={icon} isPlain>
        {words.outcome[outcome]}
      </Badge>
    )
  if (run.endedAtMs !== undefined)
    return (
      <Badge tone="idle" icon={Ban} isPlain>
        {words.notMade}
      </Badge>
    )
  const isTurn = run.status === 'running' && run.results.find((each) => each.outcome === 'waiting') === result
  return (
    <Badge tone={isTurn ? 'busy' : 'idle'} icon={isTurn ? RefreshCw : CircleDashed} isPlain>
      {isTurn ? words.making : words.outcome.waiting}
    </Badge>
  )
}
