/** Health bar: the shares of a place's health states as one bar, with the numbers in words. */
import { texts } from '../../texts/english.ts'
import { cn } from '../class-names.ts'
import { Tooltip } from '../dialogs/tooltip.tsx'
import { HEALTH_ORDER, HEALTH_TONE, TONE_BLOCK } from '../facts/tones.ts'
import { type HealthCounts, healthText } from './health-counts.ts'

/** Healthy devices come first. Unhealthy ones are at the end, where readers compare bars. */
const BAR_ORDER = [
  'healthy',
  'moving',
  ...HEALTH_ORDER.filter((health) => health !== 'healthy' && health !== 'moving').toReversed(),
] as const

type HealthBarProps = {
  counts: HealthCounts
  className?: string
  /** True if the same data stands beside it in words. */
  isDecoration?: boolean
}

/** The bar; the words show on hover. */
export function HealthBar({ counts, className, isDecoration }: HealthBarProps) {
  const label = healthText(counts) || texts.sites.noDevices
  return (
    <Tooltip text={label}>
      <span
        {...(isDecoration ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
        className={cn('flex h-1.5 w-full gap-px overflow-hidden rounded-full bg-raised', className)}
      >
        {BAR_ORDER.filter((health) => counts[health]).map((health) => (
          <span
            key={health}
            style={{ flexGrow: counts[health] }}
            className={cn(
              'min-w-1',
              health === 'never' || health === 'revoked' ? 'bg-line-strong' : TONE_BLOCK[HEALTH_TONE[health]],
            )}
          />
        ))}
      </span>
    </Tooltip>
  )
}
