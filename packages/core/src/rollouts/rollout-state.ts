/** Rollout state: the stored state of a rollout, and its meaning for a device. rollout.ts changes it. */
import type { Outcome, PausedBy, RolloutStatus } from '@skerry/contract/rollouts/rollout'
import { assertNever } from '../values/assert-never.ts'
import type { Pace } from './offer-rate.ts'
import { closedWave, judgeWave, type WaveState, type WaveVerdict } from './wave-verdict.ts'
import type { PlannedWave, RolloutPlan } from './waves.ts'

/** The state of a rollout. Plain JSON. */
export type RolloutState = {
  status: RolloutStatus
  /** The reason of its status, if there is one. */
  reason?: string
  /** The origin of the pause, while the rollout is paused. */
  pausedBy?: PausedBy
  /** The index of the newest open wave. */
  wave: number
  waves: WaveState[]
  /** For a rolled-back rollout: in the waves before this one, devices that run the revision well keep it. */
  keptWaves?: number
  /** The wave in which devices that have the revision ready switch to it; absent if they serve it as it comes. */
  switchWave?: number
  /** The wave of the devices that lose the model; absent if none does. It is the last one. */
  removalWave?: number
  /** The offers of the last minute, if the rollout has a rate. */
  pace?: Pace
}

/**
 * A device's row. Its wave is `waves.length`, past the last, if it joined late and is held until the rollout is done.
 */
export type Member = {
  wave: number
  outcome: Outcome
  /** The number of further tries, and the time of the next one. */
  retries?: number
  retryAtMs?: number | undefined
  /** It waits for a window or a lock, and its time begins then. */
  heldUntilMs?: number | undefined
}

/** A new rollout over waves of these sizes; its first wave is open, and the first `step` offers it. */
export function startRollout(
  { waves }: Pick<RolloutPlan, 'waves'>,
  sizes: readonly number[],
  nowMs: number,
): RolloutState {
  const switchWave = waves.findIndex(({ isSwitch }) => isSwitch)
  const removalWave = waves.findIndex(({ isRemoval }) => isRemoval)
  const special = { ...(switchWave >= 0 && { switchWave }), ...(removalWave >= 0 && { removalWave }) }
  return openWave({ status: 'rolling', wave: 0, waves: sizes.map(closedWave), ...special }, 0, nowMs)
}

/** The part of a rollout that gives a row its meaning. */
export type MemberStanding = Pick<RolloutState, 'status' | 'keptWaves' | 'switchWave' | 'removalWave'>

/** Whether the rollout can still decide anything. */
export const isEnded = ({ status }: Pick<RolloutState, 'status'>): boolean =>
  status !== 'rolling' && status !== 'paused'

type Awaiting = Pick<RolloutState, 'status' | 'wave'> & {
  waves: readonly { awaitedSinceMs?: number | undefined; isApproved?: true | undefined }[]
}

/** Whether all is well so far, and the next wave opens as soon as a person approves it. */
export function awaitsApproval({ status, wave, waves }: Awaiting): boolean {
  const next = waves[wave + 1]
  return status === 'rolling' && next?.awaitedSinceMs !== undefined && !next.isApproved
}

/**
 * The state without the open question for an approval, because not all is well. Undefined if there is no such question.
 */
export function withdrawQuestion(state: RolloutState): RolloutState | undefined {
  if (!awaitsApproval(state)) return undefined
  return changeWave(state, state.wave + 1, ({ awaitedSinceMs: _, ...wave }) => wave)
}

/** Whether the revision takes the model from the device of this row. */
export const isLeaving = (
  { removalWave }: Pick<RolloutState, 'removalWave'>,
  { wave }: Pick<Member, 'wave'>,
): boolean => wave === removalWave

/** Whether the device of this row has the order to remove the model, and the order still stands. */
export const hasLeft = (rollout: MemberStanding, member: Member): boolean =>
  isLeaving(rollout, member) && isOffered(rollout, member)

/**
 * Whether the device of this row should run the revision now, or have it ready; if it is leaving, whether it should
 * remove the model.
 */
export function isOffered(rollout: MemberStanding, member: Member): boolean {
  const { status, keptWaves = 0, switchWave } = rollout
  switch (status) {
    case 'rolling':
    case 'paused':
      if (member.outcome === 'waiting') return member.wave === switchWave
      // The offer to a device that timed out is not withdrawn: the device may be about to finish.
      return member.outcome !== 'skipped'
    case 'done':
      return true
    case 'aborted':
      return member.outcome === 'healthy' && !isBeforeSwitch(rollout, member)
    case 'rolled-back':
      return member.outcome === 'healthy' && member.wave < keptWaves && !isBeforeSwitch(rollout, member)
    case 'superseded':
      return false
    default:
      return assertNever(status)
  }
}

/** Whether the device of this row should only have the revision ready, and not serve it yet. */
export const isHeldBack = (rollout: MemberStanding, member: Member): boolean =>
  !isEnded(rollout) && isBeforeSwitch(rollout, member)

const isBeforeSwitch = ({ switchWave, removalWave }: MemberStanding, { wave, outcome }: Member) =>
  switchWave !== undefined && wave !== removalWave && (wave !== switchWave || outcome === 'waiting')

/** The state with this wave open, as the newest one. */
export function openWave(state: RolloutState, index: number, nowMs: number): RolloutState {
  return changeWave({ ...state, wave: index }, index, (wave) => ({ ...wave, openedAtMs: nowMs }))
}

/** The state with one wave changed. The wave past the last, which holds late joiners, has no counters to change. */
export function changeWave(state: RolloutState, index: number, change: (wave: WaveState) => WaveState): RolloutState {
  return { ...state, waves: state.waves.map((wave, at) => (at === index ? change(wave) : wave)) }
}

/** A wave with its plan. */
export type OpenWave = { index: number; planned: PlannedWave; wave: WaveState }

/** The waves that have opened, oldest first. Throws when the plan is not the rollout's. */
export function openWaves(plan: RolloutPlan, state: RolloutState): OpenWave[] {
  return wavesOf(plan, state).slice(0, state.wave + 1)
}

const wavesOf = (plan: RolloutPlan, { waves }: RolloutState): OpenWave[] =>
  waves.map((wave, index) => {
    const planned = plan.waves[index]
    if (!planned) throw new Error(`the rollout has a wave ${index} that its plan does not have`)
    return { index, planned, wave }
  })

/**
 * The waves whose devices may have an offer: all that have opened, and a removal that began before the waves were
 * restarted.
 */
export const askedWaves = (plan: RolloutPlan, state: RolloutState): OpenWave[] =>
  wavesOf(plan, state).filter(({ index, wave }) => index <= state.wave || wave.openedAtMs !== undefined)

/** Whether a device in an open wave has not reported anything decisive. */
export const isAnyUndecided = (state: RolloutState) =>
  state.waves.slice(0, state.wave + 1).some(({ counts }) => counts.offered + counts.waiting > 0)

/** How the newest wave stands. */
export function verdictOf(plan: RolloutPlan, state: RolloutState, nowMs: number): WaveVerdict {
  const { planned, wave } = openWaves(plan, state)[state.wave] as OpenWave
  return judgeWave(planned, wave, nowMs)
}

/** When a tick can change something: a deadline passes or a soak ends. Undefined while only events can. */
export function dueAtMs(plan: RolloutPlan, state: RolloutState): number | undefined {
  if (isEnded(state)) return undefined
  if (state.status === 'rolling' && isAlwaysDue(plan, state)) return 0
  const times = askedWaves(plan, state).flatMap((open) => [
    deadlineOf(open),
    state.status === 'rolling' ? soakEndOf(open) : undefined,
  ])
  return times.reduce(
    (earliest, time) => (time !== undefined && (earliest === undefined || time < earliest) ? time : earliest),
    undefined,
  )
}

/**
 * A device that waits for a rate, a budget or a window may have room at any time. The next try of a failed one may be
 * due, too. A look costs little, and changes nothing if neither is true.
 */
const isAlwaysDue = (plan: RolloutPlan, state: RolloutState): boolean =>
  askedWaves(plan, state).some(
    ({ planned, wave: { counts } }) =>
      ((plan.rate || plan.budget || planned.window) && counts.waiting > 0) || (plan.retry && counts.offered > 0),
  )

/**
 * When the first devices of the wave may have timed out; undefined when none can. Devices that joined late time out
 * later.
 */
export function deadlineOf({ planned, wave: { counts, openedAtMs = 0 } }: OpenWave): number | undefined {
  return counts.offered === 0 ? undefined : openedAtMs + planned.deadlineMs
}

const soakEndOf = ({ planned, wave: { soakingSinceMs } }: OpenWave) =>
  soakingSinceMs === undefined ? undefined : soakingSinceMs + planned.soakMs
