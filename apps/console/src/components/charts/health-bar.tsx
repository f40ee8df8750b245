/** Health bar: how the devices of a place divide, as one bar with its numbers in words. */
import { texts } from '../../texts/english.ts'
import { cn } from '../class-names.ts'
import { Tooltip } from '../dialogs/tooltip.tsx'
import { HEALTH_ORDER, HEALTH_TONE, TONE_BLOCK } from '../facts/tones.ts'
import { type HealthCounts, healthText } from './health-counts.ts'

/** What is well comes first; what is wrong stands at the end, where bars are compared. */
const BAR_ORDER = [
  'healthy',
  'moving',
  ...HEALTH_ORDER.filter((health) => health !== 'healthy' && health !== 'moving').toReversed(),
] as const

type HealthBarProps = {
  counts: HealthCounts
  className?: string
  /** The same stands beside it in words. */
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
