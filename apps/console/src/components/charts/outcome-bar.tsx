/** Outcome bar: the shares of a wave's or a rollout's outcomes as one bar, with the numbers in words. */
import { SHOWN_OUTCOMES, type ShownOutcome } from '@skerry/core/rollouts/views/outcome-words'
import { texts } from '../../texts/english.ts'
import { cn } from '../class-names.ts'
import { isFaint, OUTCOME_TONE, TONE_BLOCK } from '../facts/tones.ts'

/** The number of devices for each outcome; an absent outcome has none. */
export type OutcomeNumbers = Readonly<Partial<Record<ShownOutcome, number>>>

/** The outcomes that occur, with their numbers. */
export const occurring = (counts: OutcomeNumbers): { outcome: ShownOutcome; devices: number }[] =>
  SHOWN_OUTCOMES.map((outcome) => ({ outcome, devices: counts[outcome] ?? 0 })).filter(({ devices }) => devices > 0)

/** Lists only the outcomes that occur: `12 healthy, 1 failed`. */
export const outcomeText = (counts: OutcomeNumbers): string =>
  occurring(counts)
    .map(({ outcome, devices }) => `${texts.common.number(devices)} ${texts.outcome[outcome].toLowerCase()}`)
    .join(', ')

export function OutcomeBar({ counts, className }: { counts: OutcomeNumbers; className?: string }) {
  return (
    <span
      role="img"
      aria-label={outcomeText(counts) || texts.common.none}
      className={cn('flex h-1.5 gap-px overflow-hidden rounded-full bg-raised', className)}
    >
      {occurring(counts).map(({ outcome, devices }) => (
        <span
          key={outcome}
          style={{ flexGrow: devices }}
          className={cn('min-w-1', isFaint(outcome) ? 'bg-line-strong' : TONE_BLOCK[OUTCOME_TONE[outcome]])}
        />
      ))}
    </span>
  )
}
