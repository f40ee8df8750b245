/** Rollout hearing: what a report, and the time that passes without one, does to a device's row. */

import type { Retry } from '@skerry/contract/deployments/pace'
import type { Outcome } from '@skerry/contract/rollouts/rollout'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { Heard } from '../devices/device-refusal.ts'
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

/** What a device said of the revision, with its row as it is now. */
type DeviceReported = { deviceId: DeviceId; member: Member; heard: Heard }

/** A device says that it waits for a window or a lock until then, or does not any more. */
type DeviceHeld = { deviceId: DeviceId; member: Member; untilMs: number }

export type DeviceSaid = ({ kind: 'report' } & DeviceReported) | ({ kind: 'hold' } & DeviceHeld)

type Standing = { plan: RolloutPlan; state: RolloutState; nowMs: number }

/** The longest wait between two tries. */
const BACKOFF_MAX_MS = 86_400_000

/** However long a device says that it waits, after so long it has timed out: a monthly window comes round in this time. */
export const HOLD_MAX_MS = 35 * 86_400_000

/** The time of a device that waits for its window or a lock begins later; it has been told, and fails at nothing. */
export function* hold(state: RolloutState, { deviceId, member, untilMs }: DeviceHeld): Steps<RolloutState> {
  if (!isAsked(state, member) || member.heldUntilMs === untilMs) return state
  const { wave, outcome } = member
  return yield* moveAll(state, [
    { wave, from: outcome, to: outcome, which: { kind: 'device', deviceId }, heldUntilMs: untilMs },
  ])
}

/** Only who is offered the revision can say how it goes, and saying the same again says nothing. */
export function* hear(
  { plan, state, nowMs }: Standing,
  { deviceId, member, heard }: DeviceReported,
): Steps<RolloutState> {
  // A device repeats its last report until it has a new one, so a tolerated failure heard again is still tolerated.
  const isTolerated = member.outcome === 'tolerated' && heard !== 'healthy'
  if (!isOffered(state, member) || member.outcome === heard || isTolerated) return state
  // It has the revision ready, and is asked how it goes only once it is told to serve it.
  if (member.outcome === 'waiting' && isHeldBack(state, member)) return state
  // The same failure, heard again while the next try is waited for.
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

/** The state after what only time brings: tries that are due, and devices that have said nothing for too long. */
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
 * Whoever failed, rejected it or timed out in an open wave is asked again, borne or not; who runs the revision well is left alone. Under a
 * budget, who was borne has no place in it any more, and waits for one as everybody does.
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
