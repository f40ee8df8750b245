/**
 * Quarantine: what it means that a person does not trust a device for now. It goes on serving what it has, and gets nothing new. In a rollout
 * nobody waits for it: where it has not told how the version goes, it is left out of both sides of the fraction, and asked anew once it is
 * released. What it told before stays counted.
 */
import type { DeviceStatus } from '@skerry/contract/devices/device'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { MemberChange } from '../rollouts/member-change.ts'
import { isEnded, type Member, type RolloutState } from '../rollouts/rollout-state.ts'
import type { RolloutPlan } from '../rollouts/waves.ts'

/** Whether the hub has nothing to say to a device of this status. */
export const isRefused = (status: DeviceStatus): boolean => status === 'revoked' || status === 'wiped'

/** aside: the row is left out. back: it waits in its wave again, as if it had never been asked. */
export type QuarantineMove = 'aside' | 'back'

export type QuarantineFacts = {
  plan: Pick<RolloutPlan, 'offline' | 'waves'>
  state: Pick<RolloutState, 'status' | 'waves'>
  member: Member
  isQuarantined: boolean
}

/** What is to happen to the row of a device; undefined where it stands right. A level: asked again, it changes nothing. */
export function quarantineMove({ plan, state, member, isQuarantined }: QuarantineFacts): QuarantineMove | undefined {
  const { wave, outcome } = member
  // Who is held past the last wave is in no counter, and is offered nothing before the rollout is done.
  if (isEnded(state) || wave >= state.waves.length) return undefined
  if (isQuarantined) return outcome === 'waiting' || outcome === 'offered' ? 'aside' : undefined
  // Whoever was offline when its wave opened stays skipped until the rollout is done, whatever else happened to it.
  const mayBeOffline = plan.offline === 'skip' && !plan.waves[wave]?.mandatory
  return outcome === 'skipped' && !mayBeOffline ? 'back' : undefined
}

/** The event of a rollout: the device of the row went into quarantine, or came out of it. */
export type Quarantined = { kind: QuarantineMove; deviceId: DeviceId; member: Member }

/** What it does to the row. */
export function quarantineChange({ kind, deviceId, member: { wave, outcome } }: Quarantined): MemberChange {
  const change = { wave, from: outcome, which: { kind: 'device', deviceId } } as const
  return kind === 'aside' ? { ...change, to: 'skipped' } : { ...change, to: 'waiting', toWave: wave }
}

/** What a released device is: still in conflict where its newest report says so, for quarantine settles nothing about that. */
export const statusAfterRelease = (
  conditions: readonly string[],
): Extract<DeviceStatus, 'active' | 'conflict-paused'> =>
  conditions.includes('generation_conflict') ? 'conflict-paused' : 'active'
