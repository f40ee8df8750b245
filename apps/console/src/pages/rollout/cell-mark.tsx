/** Cell mark: one outcome's shape in its colour, for the words beside a map. */
import type { ShownOutcome } from '@skerry/core/rollouts/views/rollout-words'
import { cn } from '../../components/class-names.ts'
import { isFaint, OUTCOME_TONE, TONE_FILL } from '../../components/facts/tones.ts'
import { SHAPE_BOX, SHAPES } from './cell-shapes.ts'

export const CellMark = ({ outcome }: { outcome: ShownOutcome }) => (
  <svg
    aria-hidden
    viewBox={`0 0 ${SHAPE_BOX} ${SHAPE_BOX}`}
    className={cn('size-2.5 shrink-0', isFaint(outcome) ? 'fill-faint' : TONE_FILL[OUTCOME_TONE[outcome]])}
  >
    <path d={SHAPES[outcome]} fillRule="evenodd" />
  </svg>
)
