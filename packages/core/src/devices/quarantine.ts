/**
 * Quarantine: the effect of a person's distrust in a device. The device continues to serve its version, and gets
 * nothing new. A rollout does not wait for it: if it has not reported on the version, both sides of the fraction leave
 * it out. After its release it is offered the revision anew. An earlier report still counts.
 */
import type { DeviceStatus } from '@skerry/contract/devices/device'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { MemberChange } from '../rollouts/member-change.ts'
import { isEnded, type Member, type RolloutState } from '../rollouts/rollout-state.ts'
import type { RolloutPlan } from '../rollouts/waves.ts'

/** Whether the hub rejects every call of a device of this status. */
export const isRefused = (status: DeviceStatus): boolean => status === 'revoked' || status === 'wiped'

/** aside: the row is left out. back: it waits in its wave again, as if it had never had an offer. */
export type QuarantineMove = 'aside' | 'back'

export type QuarantineFacts = {
  plan: Pick<RolloutPlan, 'offline' | 'waves'>
  state: Pick<RolloutState, 'status' | 'waves'>
  member: Member
  isQuarantined: boolean
}

/**
 * The move for the row of a device; undefined if the row is right. The function judges a level: a second call changes
 * nothing.
 */
export function quarantineMove({ plan, state, member, isQuarantined }: QuarantineFacts): QuarantineMove | undefined {
  const { wave, outcome } = member
  // A device that is held past the last wave is in no counter, and is offered nothing before the rollout is done.
  if (isEnded(state) || wave >= state.waves.length) return undefined
  if (isQuarantined) return outcome === 'waiting' || outcome === 'offered' ? 'aside' : undefined
  // A device that was offline when its wave opened stays skipped until the rollout is done, whatever else happened to
  // it.
  const mayBeOffline = plan.offline === 'skip' && !plan.waves[wave]?.mandatory
  return outcome === 'skipped' && !mayBeOffline ? 'back' : undefined
}

/** The event of a rollout: the device of the row went into quarantine, or came out of it. */
export type Quarantined = { kind: QuarantineMove; deviceId: DeviceId; member: Member }

/** The change of the row. */
export function quarantineChange({ kind, deviceId, member: { wave, outcome } }: Quarantined): MemberChange {
  const change = { wave, from: outcome, which: { kind: 'device', deviceId } } as const
  return kind === 'aside' ? { ...change, to: 'skipped' } : { ...change, to: 'waiting', toWave: wave }
}

/**
 * The status of a released device: still in conflict if its newest report says so, because quarantine does not settle
 * that.
 */
export const statusAfterRelease = (
  conditions: readonly string[],
): Extract<DeviceStatus, 'active' | 'conflict-paused'> =>
  conditions.includes('generation_conflict') ? 'conflict-paused' : 'active'
