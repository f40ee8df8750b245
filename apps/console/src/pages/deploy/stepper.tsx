/** Stepper: the four steps. A person can open any of them at any time. Each step shows whether it has errors. */
import { Check } from 'lucide-react'
import { cn } from '../../components/class-names.ts'
import { type Problems, problemsOf } from './draft/draft.ts'
import { type FormStep, STEPS } from './draft/draft-search.ts'
import { deployTexts } from './english-deploy.ts'

type StepperProps = {
  step: FormStep
  problems: Problems
  /** A short text of each step's current state. */
  summary: Readonly<Record<FormStep, string>>
  onStep: (step: FormStep) => void
}

/** The steps in a row. */
export function Stepper({ step, problems, summary, onStep }: StepperProps) {
  const now = STEPS.indexOf(step)
  return (
    <nav aria-label={deployTexts.stepsLabel}>
      <ol className="card grid grid-cols-4 overflow-hidden">
        {STEPS.map((each, index) => {
          const isCurrent = each === step
          const isDone = index < now
          const isWrong = isDone && Object.keys(problemsOf(each, problems)).length > 0
          return (
            <li key={each} className="min-w-0 border-l border-line first:border-l-0">
              <button
                type="button"
                aria-current={isCurrent ? 'step' : undefined}
                onClick={() => onStep(each)}
                className={cn(
                  'flex h-full w-full min-w-0 items-center gap-3 border-b-2 border-transparent px-4 py-3 text-left -outline-offset-2 hover:bg-raised max-sm:px-2',
                  isCurrent && 'border-accent',
                )}
              >
                <StepMark index={index} isCurrent={isCurrent} isDone={isDone} isWrong={isWrong} />
                <span className="min-w-0 max-sm:hidden">
                  <span className={cn('block text-sm font-semibold', !isCurrent && 'text-soft')}>
                    {deployTexts.steps[each]}
                    {isWrong && <span className="sr-only"> ({deployTexts.stepState.problem})</span>}
                  </span>
                  <span className="block truncate text-xs text-faint">{summary[each] || ' '}</span>
                </span>
                <span className="sr-only sm:hidden">{deployTexts.steps[each]}</span>
              </button>
            </li>
          )
        })}
      </ol>
      <p aria-hidden className="mt-2 truncate px-1 text-sm sm:hidden">
        <span className="font-semibold">{deployTexts.steps[step]}</span>{' '}
        <span className="text-xs text-faint">{summary[step]}</span>
      </p>
    </nav>
  )
}

type MarkProps = { index: number; isCurrent: boolean; isDone: boolean; isWrong: boolean }

const StepMark = ({ index, isCurrent, isDone, isWrong }: MarkProps) => (
  <span
    aria-hidden
    className={cn(
      'grid size-7 shrink-0 place-items-center rounded-full border text-xs font-semibold tabular',
      isCurrent && 'border-accent bg-accent text-on-accent',
      !isCurrent && isDone && !isWrong && 'border-good text-good',
      !isCurrent && isWrong && 'border-bad text-bad',
      !isCurrent && !isDone && 'border-line-strong text-faint',
    )}
  >
    {isDone && !isWrong && !isCurrent ? <Check size={14} aria-hidden /> : isWrong ? '!' : index + 1}
  </span>
)
