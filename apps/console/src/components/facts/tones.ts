/**
 * Tones: the five meanings that a colour has on every page. Colour never stands alone: an icon and a word have the same
 * meaning.
 */
import type { DeviceHealth } from '@skerry/contract/devices/device'
import type { ItemState } from '@skerry/contract/devices/item'
import type { RolloutStatus } from '@skerry/contract/rollouts/rollout'
import type { ShownOutcome } from '@skerry/core/rollouts/views/rollout-words'

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'idle'

export const TONE_TEXT: Readonly<Record<Tone, string>> = {
  good: 'text-good',
  busy: 'text-busy',
  warn: 'text-warn',
  bad: 'text-bad',
  idle: 'text-idle',
}

export const TONE_FILL: Readonly<Record<Tone, string>> = {
  good: 'fill-good',
  busy: 'fill-busy',
  warn: 'fill-warn',
  bad: 'fill-bad',
  idle: 'fill-idle',
}

export const TONE_BLOCK: Readonly<Record<Tone, string>> = {
  good: 'bg-good',
  busy: 'bg-busy',
  warn: 'bg-warn',
  bad: 'bg-bad',
  idle: 'bg-idle',
}

/** Ordered from the state that needs a person most to the one that needs nobody. */
export const HEALTH_ORDER: readonly DeviceHealth[] = [
  'failed',
  'degraded',
  'stale',
  'quarantined',
  'pending',
  'moving',
  'never',
  'healthy',
  'revoked',
]

export const HEALTH_TONE: Readonly<Record<DeviceHealth, Tone>> = {
  failed: 'bad',
  degraded: 'warn',
  stale: 'idle',
  quarantined: 'warn',
  pending: 'warn',
  moving: 'busy',
  never: 'idle',
  healthy: 'good',
  revoked: 'idle',
}

export const OUTCOME_TONE: Readonly<Record<ShownOutcome, Tone>> = {
  waiting: 'idle',
  offered: 'busy',
  healthy: 'good',
  failed: 'bad',
  rejected: 'bad',
  'timed-out': 'bad',
  tolerated: 'warn',
  skipped: 'idle',
  pending: 'busy',
  'not-reached': 'idle',
}

/** Outcomes of devices that have nothing of the revision are less visible. */
export const isFaint = (outcome: ShownOutcome): boolean => OUTCOME_TONE[outcome] === 'idle'

export const ROLLOUT_TONE: Readonly<Record<RolloutStatus, Tone>> = {
  rolling: 'busy',
  paused: 'warn',
  done: 'good',
  aborted: 'bad',
  'rolled-back': 'bad',
  superseded: 'idle',
}

export const itemTone = (state: ItemState): Tone => {
  if (state === 'active') return 'good'
  if (state === 'failed') return 'bad'
  return state === 'absent' ? 'idle' : 'busy'
}
