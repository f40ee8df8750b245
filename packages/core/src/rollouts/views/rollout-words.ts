/** Rollout words: the wanted and the running versions, and the outcomes of devices, as the CLI and the console name them. */
import type { Outcome, OutcomeCounts, RolloutDevice, RolloutStatus } from '@skerry/contract/rollouts/rollout'
import type { RunningCounts, VersionCounts } from '@skerry/contract/rollouts/version-counts'
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

/** The devices of all waves together, and those that joined later. */
export function allShownCounts(rollout: Counted): ShownCounts {
  const parts = rollout.waves.map(({ counts }) => shownCounts(rollout, counts))
  if (rollout.joinedLater) parts.push(shownCounts(rollout, rollout.joinedLater, { isLate: true }))
  const sum = { ...NO_SHOWN_COUNTS }
  for (const part of parts) for (const outcome of SHOWN_OUTCOMES) sum[outcome] += part[outcome]
  return sum
}

const NO_SHOWN_COUNTS: Record<ShownOutcome, number> = {
  healthy: 0,
  tolerated: 0,
  failed: 0,
  rejected: 0,
  'timed-out': 0,
  offered: 0,
  pending: 0,
  skipped: 0,
  waiting: 0,
  'not-reached': 0,
}

type NumberText = (value: number) => string

/** More versions than this do not fit a line. */
const VERSIONS_SHOWN = 5

type Named = Partial<Pick<RunningCounts, 'failed'>> & VersionCounts

/** `v1 on 2, v2 on 0, none on 1, failed 1`. `named`: the versions that are named although no device has them. */
export function versionCountWords(counts: Named, named: readonly number[] = [], number: NumberText = String): string {
  const devices = new Map(named.map((version) => [version, 0]))
  for (const on of counts.versions) devices.set(on.version, on.devices)
  const sorted = [...devices].sort(([a], [b]) => a - b)
  // Named versions and the most frequent ones are shown.
  const shown = new Set(
    sorted
      .toSorted(([a, on], [b, more]) => Number(named.includes(b)) - Number(named.includes(a)) || more - on)
      .slice(0, Math.max(VERSIONS_SHOWN, named.length))
      .map(([version]) => version),
  )
  const others = sorted.filter(([version]) => !shown.has(version))
  const parts = sorted.filter(([version]) => shown.has(version)).map(([version, on]) => `v${version} on ${number(on)}`)
  if (others.length > 0)
    parts.push(`${others.length} other versions on ${number(others.reduce((sum, [, on]) => sum + on, 0))}`)
  if (counts.none > 0) parts.push(`none on ${number(counts.none)}`)
  if (counts.failed) parts.push(`failed ${number(counts.failed)}`)
  return parts.length === 0 ? 'no devices' : parts.join(', ')
}

type TwoFacts = { version: number; wanted?: VersionCounts | undefined; running?: RunningCounts | undefined }

/**
 * Both facts of a deployment or a rollout in words. Undefined if the hub is too old to know them. The running versions
 * name the wanted ones, and the version of the revision.
 */
export function wantedAndRunningWords({ version, wanted, running }: TwoFacts, number: NumberText = String) {
  if (!wanted || !running) return undefined
  const named = [...new Set([version, ...wanted.versions.map((on) => on.version)])]
  return { wanted: versionCountWords(wanted, [], number), running: versionCountWords(running, named, number) }
}
