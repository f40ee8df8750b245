/** Progress bar: how much of something is done. */
import { cn } from '../../../../components/class-names.ts'

type ProgressBarProps = { label: string; done: number; total: number; isStill?: boolean }

/** The bar; a still one waits for something. */
export function ProgressBar({ label, done, total, isStill }: ProgressBarProps) {
  const percent = total === 0 ? 100 : Math.min(100, (100 * done) / total)
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(percent)}
      className="h-1.5 w-full overflow-hidden rounded-full bg-raised"
    >
      <div
        className={cn('h-full rounded-full transition-[width]', isStill ? 'bg-line-strong' : 'bg-accent')}
        style={{ width: `${percent}%` }}
      />
    </div>
  )
}
