/** Cases chart: a bar for each golden case, as high as its largest difference. A bar chooses the shown case. */
import type { CaseDiff } from '@skerry/core/models/output-diff'
import { shortNumber } from '../../../../components/charts/short-number.ts'
import { cn } from '../../../../components/class-names.ts'
import { Tooltip } from '../../../../components/dialogs/tooltip.tsx'
import { numberWords as words } from './english-numbers.ts'

type ChartProps = {
  cases: readonly CaseDiff[]
  largest: number
  shown: number | undefined
  onShow: (number: number) => void
}

export const CasesChart = ({ cases, largest, shown, onShow }: ChartProps) => (
  <fieldset className="p-4">
    <legend className="sr-only">{words.cases}</legend>
    <p className="mb-2 text-xs text-soft">{words.casesHint}</p>
    <div className="flex h-24 max-w-3xl items-stretch gap-1">
      {cases.map(({ number, totals }) => {
        const isOutside = totals.outside + totals.incomparable > 0
        const label = words.caseOf(number, shortNumber(totals.largest), totals.outside)
        return (
          <Tooltip key={number} text={label}>
            <button
              type="button"
              aria-label={label}
              aria-pressed={number === shown}
              onClick={() => onShow(number)}
              className={cn(
                'flex max-w-12 min-w-0 flex-1 flex-col justify-end rounded-sm px-px pt-1 hover:bg-raised',
                number === shown && 'bg-raised',
              )}
            >
              <span
                className={cn('w-full rounded-t-xs', isOutside ? 'bg-bad' : 'bg-accent')}
                style={{ height: `${barPercent(totals.largest, largest, isOutside)}%` }}
              />
              <span
                className={cn(
                  'border-t border-line-strong pt-0.5 text-center text-2xs tabular',
                  number === shown ? 'font-semibold text-text' : 'text-soft',
                )}
              >
                {number}
              </span>
            </button>
          </Tooltip>
        )
      })}
    </div>
  </fieldset>
)

/** A small difference stays visible. The number below a bar takes a fifth of the height. */
function barPercent(value: number, largest: number, isOutside: boolean): number {
  const share = largest === 0 ? 0 : value / largest
  return value === 0 && !isOutside ? 0 : Math.max(3, 76 * share)
}
