/** Badges: a state as an icon and a word in one colour. */
import type { Device, DeviceHealth } from '@skerry/contract/devices/device'
import type { ItemState } from '@skerry/contract/devices/item'
import type { PausedBy, RolloutStatus } from '@skerry/contract/rollouts/rollout'
import { isPastHealth, shownHealth } from '@skerry/core/devices/tense'
import type { ShownOutcome } from '@skerry/core/rollouts/views/outcome-words'
import { isPlannedPause } from '@skerry/core/rollouts/views/pause-words'
import {
  Ban,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleX,
  CloudOff,
  Hourglass,
  type LucideIcon,
  RefreshCw,
  ShieldAlert,
  TriangleAlert,
  Undo2,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { texts } from '../../texts/english.ts'
import { cn } from '../class-names.ts'
import { Tooltip } from '../dialogs/tooltip.tsx'
import { HEALTH_TONE, itemTone, OUTCOME_TONE, ROLLOUT_TONE, TONE_TEXT, type Tone } from './tones.ts'

const TINT: Readonly<Record<Tone, string>> = {
  good: 'bg-good/10',
  busy: 'bg-busy/10',
  warn: 'bg-warn/12',
  bad: 'bg-bad/10',
  idle: 'bg-idle/12',
}

export const HEALTH_ICON: Readonly<Record<DeviceHealth, LucideIcon>> = {
  failed: CircleX,
  degraded: TriangleAlert,
  stale: CloudOff,
  pending: Hourglass,
  moving: RefreshCw,
  never: CircleDashed,
  healthy: CircleCheck,
  revoked: Ban,
  quarantined: ShieldAlert,
}

const OUTCOME_ICON: Readonly<Record<ShownOutcome, LucideIcon>> = {
  waiting: CircleDashed,
  offered: RefreshCw,
  healthy: CircleCheck,
  failed: CircleX,
  rejected: Ban,
  'timed-out': Hourglass,
  tolerated: TriangleAlert,
  skipped: CloudOff,
  pending: RefreshCw,
  'not-reached': CircleDashed,
}

const ROLLOUT_ICON: Readonly<Record<RolloutStatus, LucideIcon>> = {
  rolling: RefreshCw,
  paused: CirclePause,
  done: CircleCheck,
  aborted: Ban,
  'rolled-back': Undo2,
  superseded: CircleDashed,
}

type BadgeProps = {
  tone: Tone
  icon?: LucideIcon
  children: ReactNode
  isPlain?: boolean
  'data-tooltip'?: string
}

/** A badge. A plain one has no background, for lists with a badge in every row. */
export function Badge({ tone, icon: Icon, children, isPlain, ...rest }: BadgeProps) {
  return (
    <span
      {...rest}
      className={cn(
        'inline-flex items-center gap-1.5 align-middle text-xs font-medium whitespace-nowrap',
        TONE_TEXT[tone],
        !isPlain && ['h-6 rounded-full px-2.5', TINT[tone]],
      )}
    >
      {Icon && <Icon size={14} strokeWidth={2.25} aria-hidden className="shrink-0" />}
      {children}
    </span>
  )
}

type HealthProps = { device: Pick<Device, 'health' | 'liveness' | 'link'>; isPlain?: boolean }

/**
 * The health of a device. A tooltip explains the word. A stopped agent has a word of its own, and a device without a
 * connection has only the health of its last report.
 */
export function HealthBadge({ device, isPlain }: HealthProps) {
  const { health } = device
  if (health === undefined) return <span className="text-xs text-faint">{texts.common.unknown}</span>
  const word = shownHealth(device) ?? health
  const isPast = isPastHealth(device)
  const look = isPast ? 'stale' : health
  return (
    <Tooltip text={isPast ? texts.healthPast : texts.healthHint[word]}>
      <Badge tone={HEALTH_TONE[look]} icon={HEALTH_ICON[look]} {...(isPlain && { isPlain })}>
        {isPast ? texts.wasHealth(texts.health[word]) : texts.health[word]}
      </Badge>
    </Tooltip>
  )
}

export const OutcomeBadge = ({ outcome }: { outcome: ShownOutcome }) => (
  <Badge tone={OUTCOME_TONE[outcome]} icon={OUTCOME_ICON[outcome]} isPlain>
    {texts.outcome[outcome]}
  </Badge>
)

type RolloutBadgeProps = { status: RolloutStatus; pausedBy?: PausedBy | undefined; isPlain?: boolean }

/** The status of a rollout. A pause that its strategy asks for is no warning. */
export function RolloutBadge({ status, pausedBy, isPlain }: RolloutBadgeProps) {
  const isPlanned = isPlannedPause({ status, pausedBy })
  return (
    <Badge tone={isPlanned ? 'busy' : ROLLOUT_TONE[status]} icon={ROLLOUT_ICON[status]} {...(isPlain && { isPlain })}>
      {isPlanned ? texts.plannedPause : texts.rolloutStatus[status]}
    </Badge>
  )
}

/** The state of an item. `isPast`: the device is silent, so this is only the state of its last report. */
export const ItemBadge = ({ state, isPast = false }: { state: ItemState; isPast?: boolean }) => (
  <Badge tone={isPast ? HEALTH_TONE.stale : itemTone(state)}>
    {isPast ? texts.wasHealth(texts.itemState[state]) : texts.itemState[state]}
  </Badge>
)
