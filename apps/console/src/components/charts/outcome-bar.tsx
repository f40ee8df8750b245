/** Outcome bar: how the devices of a wave or a rollout divide, as one bar with its numbers in words. */
import type { Outcome, OutcomeCounts, RolloutWave } from '@skerry/contract/rollouts/rollout'
import { NO_COUNTS } from '@skerry/core/rollouts/wave-verdict'
import { texts } from '../../texts/english.ts'
import { cn } from '../class-names.ts'
import { OUTCOME_TONE, TONE_BLOCK } from '../facts/tones.ts'

/** What is done comes first, what is yet to come last. */
export const OUTCOME_ORDER: readonly Outcome[] = [
  'healthy',
  'tolerated',
  'failed',
  'rejected',
  'timed-out',
  'offered',
  'skipped',
  'waiting',
]

/** The counts of all waves together. */
export function sumOutcomes(waves: readonly RolloutWave[]): OutcomeCounts {
  const sum = { ...NO_COUNTS }
  for (const { counts } of waves) for (const outcome of OUTCOME_ORDER) sum[outcome] += counts[outcome]
  return sum
}

/** Only what there is: `12 healthy, 1 failed`. */
export const outcomeText = (counts: OutcomeCounts): string =>
  OUTCOME_ORDER.filter((outcome) => counts[outcome] > 0)
    .map((outcome) => `${texts.common.number(counts[outcome])} ${texts.outcome[outcome].toLowerCase()}`)
    .join(', ')

/** The bar. */
export function OutcomeBar({ counts, className }: { counts: OutcomeCounts; className?: string }) {
  const shown = OUTCOME_ORDER.filter((outcome) => counts[outcome] > 0)
  return (
    <span
      role="img"
      aria-label={outcomeText(counts)}
      className={cn('flex h-1.5 gap-px overflow-hidden rounded-full bg-raised', className)}
    >
      {shown.map((outcome) => (
        <span
          key={outcome}
          style={{ flexGrow: counts[outcome] }}
          className={cn(
            'min-w-1',
            outcome === 'waiting' || outcome === 'skipped' ? 'bg-line-strong' : TONE_BLOCK[OUTCOME_TONE[outcome]],
          )}
        />
      ))}
    </span>
  )
}
