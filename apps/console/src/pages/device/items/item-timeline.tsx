/**
 * Item timeline: the life of one version on a device as a line of steps, with the time of each. For screen readers, it
 * is a list.
 */
import type { ItemState } from '@skerry/contract/devices/item'
import { Check, Dot, X } from 'lucide-react'
import { cn } from '../../../components/class-names.ts'
import { Instant } from '../../../components/facts/instant.tsx'
import { texts } from '../../../texts/english.ts'
import { spanText, deviceWords as words } from '../english-device.ts'
import { type Life, type LifeStep, stepsOf } from './item-lives.ts'

type ItemTimelineProps = {
  model: string
  life: Life
  /** The steps that its kind can pass. */
  lifecycle: readonly ItemState[]
}

export function ItemTimeline({ model, life, lifecycle }: ItemTimelineProps) {
  const steps = stepsOf(life, lifecycle)
  if (steps.length === 0) return null
  return (
    <>
      <ol
        aria-label={words.life(model, life.version)}
        className="grid grid-cols-1 gap-x-1 gap-y-2 sm:grid-flow-col sm:auto-cols-fr sm:grid-cols-none"
      >
        {steps.map((step, index) => (
          <TimelineStep key={step.state} step={step} isLast={index === steps.length - 1} />
        ))}
      </ol>
      {life.isReturn && <p className="text-xs text-soft">{words.returned}</p>}
      {life.attempts > 1 && <p className="text-xs text-soft">{words.attempts(life.attempts)}</p>}
    </>
  )
}

const DOT: Readonly<Record<LifeStep['how'], string>> = {
  done: 'border-good bg-good text-surface',
  now: 'border-busy bg-busy text-surface',
  passed: 'border-good border-dashed bg-surface text-good',
  ahead: 'border-line-strong bg-surface text-faint',
  failed: 'border-bad bg-bad text-surface',
}

/** The line from a step to the next one. */
const LINE: Readonly<Record<LifeStep['how'], string>> = {
  done: 'bg-good',
  now: 'bg-line-strong',
  passed: 'bg-good',
  ahead: 'bg-line-strong',
  failed: 'bg-bad',
}

function TimelineStep({ step, isLast }: { step: LifeStep; isLast: boolean }) {
  const { state, how, seen, tookMs } = step
  const isEnd = state === 'active' && how === 'now'
  return (
    <li aria-current={how === 'now' ? 'step' : undefined} className="flex min-w-0 items-start gap-2.5 sm:block">
      <div className="flex items-center gap-1" aria-hidden>
        <span
          className={cn(
            'grid size-5 shrink-0 place-items-center rounded-full border-[1.5px]',
            isEnd ? DOT.done : DOT[how],
            how === 'now' && !isEnd && 'animate-pulse',
          )}
        >
          <StepIcon how={isEnd ? 'done' : how} />
        </span>
        {!isLast && <span className={cn('h-px flex-1 max-sm:hidden', LINE[how])} />}
      </div>
      <div className="min-w-0 text-xs sm:mt-1.5">
        <p
          className={cn(
            'text-sm leading-5',
            how === 'ahead' ? 'text-faint' : 'font-medium',
            how === 'failed' && 'text-bad',
          )}
        >
          {texts.itemState[state]}
          <span className="sr-only">, {words.stepHow[how]}</span>
        </p>
        {seen && (
          <p className="text-soft">
            <Instant ms={seen.heardAtMs ?? seen.sinceMs} />
          </p>
        )}
        {tookMs !== undefined && <p className="text-faint tabular">{words.took(spanText(tookMs))}</p>}
        {how === 'passed' && (
          <p aria-hidden className="leading-4 text-faint">
            {words.notSeen}
          </p>
        )}
      </div>
    </li>
  )
}

function StepIcon({ how }: { how: LifeStep['how'] }) {
  switch (how) {
    case 'done':
      return <Check size={12} strokeWidth={3} />
    case 'failed':
      return <X size={12} strokeWidth={3} />
    case 'passed':
      return <Check size={12} strokeWidth={2} />
    case 'now':
    case 'ahead':
      return <Dot size={14} />
  }
}
