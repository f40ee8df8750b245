/** Rollout state: what is kept of a rollout, and what that means for a device. How it changes is in rollout.ts. */
import type { Outcome, RolloutStatus } from '@skerry/contract/rollout'
import { assertNever } from './assert-never.ts'
import { closedWave, type WaveState } from './wave-verdict.ts'
import type { PlannedWave, RolloutPlan } from './waves.ts'

/** Where a rollout stands. Plain JSON. */
export type RolloutState = {
  status: RolloutStatus
  /** Why it stands so, where that needs saying. */
  reason?: string
  /** The newest open wave. */
  wave: number
  waves: WaveState[]
  /** Of a rolled-back rollout: in the waves before this one, devices that run the revision well keep it. */
  keptWaves?: number
}

/** A device's row. Its wave is `waves.length`, past the last, where it joined late and is held until the rollout is done. */
export type Member = { wave: number; outcome: Outcome }

/** A new rollout over waves of these sizes; its first wave is open, and the first `step` offers it. */
export function startRollout(sizes: readonly number[], nowMs: number): RolloutState {
  return openWave({ status: 'rolling', wave: 0, waves: sizes.map(closedWave) }, 0, nowMs)
}

/** Whether the rollout can still decide anything. */
export const isEnded = ({ status }: Pick<RolloutState, 'status'>): boolean =>
  status !== 'rolling' && status !== 'paused'

/** Whether the device of this row should run the revision now. */
export function isOffered(
  { status, keptWaves = 0 }: Pick<RolloutState, 'status' | 'keptWaves'>,
  member: Member,
): boolean {
  switch (status) {
    case 'rolling':
    case 'paused':
      // Who timed out has been asked, and is not un-asked: it may be about to finish.
      return member.outcome !== 'waiting' && member.outcome !== 'skipped'
    case 'done':
      return true
    case 'aborted':
      return member.outcome === 'healthy'
    case 'rolled-back':
      return member.outcome === 'healthy' && member.wave < keptWaves
    case 'superseded':
      return false
    default:
      return assertNever(status)
  }
}

/** The state with this wave open, as the newest one. */
export function openWave(state: RolloutState, index: number, nowMs: number): RolloutState {
  return changeWave({ ...state, wave: index }, index, (wave) => ({ ...wave, openedAtMs: nowMs }))
}

/** The state with one wave changed. A wave past the last, where late joiners are held, has no counters to change. */
export function changeWave(state: RolloutState, index: number, change: (wave: WaveState) => WaveState): RolloutState {
  return { ...state, waves: state.waves.map((wave, at) => (at === index ? change(wave) : wave)) }
}

/** A wave with its plan. */
export type OpenWave = { index: number; planned: PlannedWave; wave: WaveState }

/** The waves that have opened, oldest first. Throws when the plan is not the rollout's. */
export function openWaves(plan: RolloutPlan, state: RolloutState): OpenWave[] {
  return state.waves.slice(0, state.wave + 1).map((wave, index) => {
    const planned = plan.waves[index]
    if (!planned) throw new Error(`the rollout has a wave ${index} that its plan does not have`)
    return { index, planned, wave }
  })
}

/** When a tick can change something: a deadline passes or a soak ends. Undefined while only events can. */
export function dueAtMs(plan: RolloutPlan, state: RolloutState): number | undefined {
  if (isEnded(state)) return undefined
  const times = openWaves(plan, state).flatMap((open) => [
    deadlineOf(open),
    state.status === 'rolling' ? soakEndOf(open) : undefined,
  ])
  return times.reduce(
    (earliest, time) => (time !== undefined && (earliest === undefined || time < earliest) ? time : earliest),
    undefined,
  )
}

/** When the first devices of the wave may have timed out; undefined when none can. Whoever joined late times out later. */
export function deadlineOf({ planned, wave: { counts, openedAtMs = 0 } }: OpenWave): number | undefined {
  return counts.offered === 0 ? undefined : openedAtMs + planned.deadlineMs
}

const soakEndOf = ({ planned, wave: { soakingSinceMs } }: OpenWave) =>
  soakingSinceMs === undefined ? undefined : soakingSinceMs + planned.soakMs
