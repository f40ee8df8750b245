/** Outcome words: the outcomes of the devices of a rollout, as the CLI and the console show them. */
import type { Outcome, OutcomeCounts, RolloutDevice, RolloutStatus } from '@skerry/contract/rollouts/rollout'
import { isEnded } from '../rollout-state.ts'

/**
 * An outcome as people see it. not-reached: the rollout ended before the device got the revision, or before it reported
 * on it. pending: the device joined after the rollout was done, and has not reported yet.
 */
export type ShownOutcome = Outcome | 'not-reached' | 'pending'

/** A device with its outcome as people see it. */
export type ShownDevice = Omit<RolloutDevice, 'outcome'> & { outcome: ShownOutcome }

/** In the order for people: finished outcomes come first. */
export const SHOWN_OUTCOMES: readonly ShownOutcome[] = [
  'healthy',
  'tolerated',
  'failed',
  'rejected',
  'timed-out',
  'offered',
  'pending',
  'skipped',
  'waiting',
  'not-reached',
]

export const outcomeWords: Readonly<Record<ShownOutcome, string>> = {
  healthy: 'healthy',
  tolerated: 'tolerated',
  failed: 'failed',
  rejected: 'rejected',
  'timed-out': 'timed-out',
  offered: 'offered',
  pending: 'pending',
  skipped: 'skipped',
  waiting: 'waiting',
  'not-reached': 'not reached',
}

type Standing = { status: RolloutStatus }

/** `isLate`: the device is past the last wave, and the end of the rollout decides its version. */
export function shownOutcome(rollout: Standing, outcome: Outcome, { isLate } = { isLate: false }): ShownOutcome {
  if (!isEnded(rollout) || (outcome !== 'waiting' && outcome !== 'offered')) return outcome
  return isLate && rollout.status === 'done' ? 'pending' : 'not-reached'
}

export type ShownCounts = Readonly<Record<ShownOutcome, number>>

/** The counts of outcomes as people see them. Both arguments are of one rollout. */
export function shownCounts(rollout: Standing, counts: OutcomeCounts, late = { isLate: false }): ShownCounts {
  const shown = { ...NO_SHOWN_COUNTS }
  for (const [outcome, devices] of Object.entries(counts) as [Outcome, number][]) {
    shown[shownOutcome(rollout, outcome, late)] += devices
  }
  return shown
}

type Counted = Standing & {
  waves: readonly { counts: OutcomeCounts }[]
  joinedLater?: OutcomeCounts | undefined
}

/** The devices of all waves together. They stay as they are once the rollout has ended. */
export const waveShownCounts = (rollout: Counted): ShownCounts =>
  sumOf(rollout.waves.map(({ counts }) => shownCounts(rollout, counts)))

/** The devices that joined later, which no wave counts; undefined if there are none. */
export const lateShownCounts = (rollout: Counted): ShownCounts | undefined =>
  rollout.joinedLater && shownCounts(rollout, rollout.joinedLater, { isLate: true })

/** The devices of all waves together, and those that joined later. */
export function allShownCounts(rollout: Counted): ShownCounts {
  const late = lateShownCounts(rollout)
  return sumOf([waveShownCounts(rollout), ...(late ? [late] : [])])
}

function sumOf(parts: readonly ShownCounts[]): ShownCounts {
  const sum = { ...NO_SHOWN_COUNTS }
  for (const part of parts) for (const outcome of SHOWN_OUTCOMES) sum[outcome] += part[outcome]
  return sum
}

const NO_SHOWN_COUNTS = Object.fromEntries(SHOWN_OUTCOMES.map((outcome) => [outcome, 0])) as Record<
  ShownOutcome,
  number
>
