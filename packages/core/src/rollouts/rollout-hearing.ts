/** Rollout hearing: how a report, or time without one, changes a device's row. */

import type { Retry } from '@skerry/contract/deployments/pace'
import type { Outcome } from '@skerry/contract/rollouts/rollout'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { ItemOutcome } from '../devices/device-refusal.ts'
import { type MemberChange, type MemberChoice, moveAll, type Steps } from './member-change.ts'
import {
  askedWaves,
  deadlineOf,
  isEnded,
  isHeldBack,
  isOffered,
  type Member,
  openWaves,
  type RolloutState,
} from './rollout-state.ts'
import { FAILURE_KINDS } from './wave-verdict.ts'
import type { RolloutPlan } from './waves.ts'

/** A device's report on the revision, with its row as it is now. */
type DeviceReported = { deviceId: DeviceId; member: Member; heard: ItemOutcome }

/** A device reports that it waits for a window or a lock until then, or does not wait any more. */
type DeviceHeld = { deviceId: DeviceId; member: Member; untilMs: number }

export type DeviceSaid = ({ kind: 'report' } & DeviceReported) | ({ kind: 'hold' } & DeviceHeld)

type Standing = { plan: RolloutPlan; state: RolloutState; nowMs: number }

/** The longest wait between two tries. */
const BACKOFF_MAX_MS = 86_400_000

/** A device times out after this time, even if it reports a longer wait: a monthly window comes round in this time. */
export const HOLD_MAX_MS = 35 * 86_400_000

/** If a device waits for its window or a lock, its time begins later: it has its offer, and has not failed. */
export function* hold(state: RolloutState, { deviceId, member, untilMs }: DeviceHeld): Steps<RolloutState> {
  if (!isAsked(state, member) || member.heldUntilMs === untilMs) return state
  const { wave, outcome } = member
  return yield* moveAll(state, [
    { wave, from: outcome, to: outcome, which: { kind: 'device', deviceId }, heldUntilMs: untilMs },
  ])
}

/** Only a device with an offer can report on the revision, and a repeated report changes nothing. */
export function* hear(
  { plan, state, nowMs }: Standing,
  { deviceId, member, heard }: DeviceReported,
): Steps<RolloutState> {
  // A device repeats its last report until it has a new one, so a repeated tolerated failure is still tolerated.
  const isTolerated = member.outcome === 'tolerated' && heard !== 'healthy'
  if (!isOffered(state, member) || member.outcome === heard || isTolerated) return state
  // It has only prepared the revision. Its report counts once it has the order to serve.
  if (member.outcome === 'waiting' && isHeldBack(state, member)) return state
  // The same failure, repeated while the device waits for its next try.
  if (heard === 'failed' && member.retryAtMs !== undefined) return state
  const change = { wave: member.wave, from: member.outcome, which: { kind: 'device', deviceId } } as const
  const isTryLeft = heard === 'failed' && plan.retry && isAsked(state, member) && (member.retries ?? 0) < plan.retry.max
  if (!isTryLeft) return yield* moveAll(state, [{ ...change, to: heard }])
  const atMs = nowMs + waitMs(plan.retry as Retry, member.retries ?? 0)
  return yield* moveAll(state, [{ ...change, to: member.outcome, retry: { kind: 'later', atMs } }])
}

const isAsked = (state: RolloutState, { outcome }: Member) => !isEnded(state) && outcome === 'offered'

const waitMs = ({ backoffSeconds }: Retry, retries: number) =>
  Math.min(BACKOFF_MAX_MS, backoffSeconds * 1_000 * 2 ** retries)

/** The state after the passing of time: due tries, and devices that have been silent for too long. */
export function* passTime(plan: RolloutPlan, state: RolloutState, nowMs: number): Steps<RolloutState> {
  if (isEnded(state)) return state
  const tried = yield* moveAll(state, plan.retry && state.status === 'rolling' ? dueRetries(plan, state, nowMs) : [])
  return yield* moveAll(tried, timeOuts(plan, tried, nowMs))
}

const dueRetries = (plan: RolloutPlan, state: RolloutState, nowMs: number): MemberChange[] =>
  askedWaves(plan, state)
    .filter(({ wave }) => wave.counts.offered > 0)
    .map(({ index }) => ({ ...askAgain(index, 'offered'), which: { kind: 'retry-until', atMs: nowMs } }))

function timeOuts(plan: RolloutPlan, state: RolloutState, nowMs: number): MemberChange[] {
  return askedWaves(plan, state)
    .filter((open) => (deadlineOf(open) ?? Number.POSITIVE_INFINITY) <= nowMs)
    .map(({ planned, index }) => {
      const atMs = nowMs - planned.deadlineMs
      const which: MemberChoice = { kind: 'offered-until', atMs, anywayAtMs: atMs - HOLD_MAX_MS }
      return { wave: index, from: 'offered', to: 'timed-out', which }
    })
}

/**
 * All devices of open waves that failed, rejected the revision or timed out get the order to try again, even if a
 * person tolerates the failure. Devices that run the revision well are left alone. Under a budget, a tolerated failure
 * holds no place any more, so its device waits for one like all others.
 */
export function* retryAll(plan: RolloutPlan, state: RolloutState): Steps<RolloutState> {
  const changes = openWaves(plan, state).flatMap(({ index, wave }) =>
    ([...FAILURE_KINDS, 'tolerated'] as const)
      .filter((outcome) => wave.counts[outcome] > 0)
      .map((outcome): MemberChange => {
        const to = plan.budget && outcome === 'tolerated' ? 'waiting' : 'offered'
        return { ...askAgain(index, outcome), to, which: { kind: 'all' } }
      }),
  )
  return yield* moveAll(state, changes)
}

const askAgain = (wave: number, from: Outcome) => ({ wave, from, to: 'offered', retry: { kind: 'now' } }) as const
