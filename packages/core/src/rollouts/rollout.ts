/**
 * Rollout: takes one revision of a deployment through its devices wave by wave, and stops itself when too many fail.
 *
 *     rolling ⇄ paused;  rolling → done;  rolling, paused → aborted | rolled-back | superseded
 *
 * The state holds counters. Each device has a row of its own (`Member`), which the hub keeps in a table. `step` is a
 * generator. It yields changes of rows in bulk ("all that wait in wave 2 are offered it now"), and receives the number
 * of changed rows. It returns the next state and the decisions that the rollout made by itself. So a report costs the
 * same whatever the fleet's size, and the tests run the changes on an array. Nothing is sent to devices: `isOffered`
 * gives a row its meaning, and documents are derived from it, so no message can be lost. A rate and a budget bound how
 * many rows an offer moves (offers.ts).
 */

import type { PausedBy } from '@skerry/contract/rollouts/rollout'
import { type Quarantined, quarantineChange } from '../devices/quarantine.ts'
import { assertNever } from '../values/assert-never.ts'
import { moveAll, type Steps } from './member-change.ts'
import { isAnyWaiting, offerWaiting } from './offers.ts'
import {
  analysisProblem,
  beginAnalyses,
  endAllAnalyses,
  endAnalyses,
  hearMeasurement,
  type Measured,
  retryAnalyses,
  verdictOfMeasured,
} from './rollout-analysis.ts'
import { type Decision, decide, type Move, move } from './rollout-decision.ts'
import { type DeviceSaid, hear, hold, passTime, retryAll } from './rollout-hearing.ts'
import { resumeRollout } from './rollout-resume.ts'
import { beginAnew } from './rollout-rewind.ts'
import {
  awaitsApproval,
  changeWave,
  isAnyUndecided,
  isEnded,
  type Member,
  type OpenWave,
  openWave,
  openWaves,
  type RolloutState,
  withdrawQuestion,
} from './rollout-state.ts'
import {
  gatherReady,
  hasDevices,
  hasDevicesAhead,
  isNextForNobody,
  isRemovalAhead,
  isSwitchAhead,
  judgedWaves,
} from './switch-over.ts'
import { decidedOf, judgeWave, limitProblem, recount, sizeOf } from './wave-verdict.ts'
import type { RolloutPlan } from './waves.ts'

export type RolloutEvent =
  /** Time has passed. */
  | { kind: 'tick' }
  | DeviceSaid
  /**
   * Several devices have said something. All of it is heard before a gate is judged: the order in which a hub reads
   * reports is no order in which they came, and a share of its first part would be biased.
   */
  | { kind: 'said'; said: readonly DeviceSaid[] }
  | Quarantined
  /** A row was added: it waits in this wave. */
  | { kind: 'join'; wave: number }
  /** A row was removed. */
  | { kind: 'leave'; member: Member }
  /** A person's request, with the reason. */
  | { kind: 'pause' | 'resume' | 'abort' | 'rollback'; reason: string }
  /** A person lets the wave open that waits for approval. */
  | { kind: 'approve'; reason: string }
  /** A person retries all devices in open waves that failed, rejected the revision or timed out. */
  | { kind: 'retry'; reason: string }
  /** A newer revision takes over. */
  | { kind: 'supersede'; revision: number }
  | Measured

export type RolloutStep =
  | { ok: true; next: RolloutState; decisions: Decision[] }
  | { ok: false; code: 'rollout_event_refused'; message: string }

/**
 * A person's request that does not fit is rejected. Reports of devices never are, because reports repeat and arrive
 * late.
 */
export function* step(plan: RolloutPlan, state: RolloutState, event: RolloutEvent, nowMs: number): Steps<RolloutStep> {
  const problem = refusal(state, event)
  if (problem !== undefined) return { ok: false, code: 'rollout_event_refused', message: problem }
  let next = yield* handle(plan, state, event, nowMs)
  const ended = event.kind === 'measured' ? verdictOfMeasured(plan, { before: state, after: next }, event) : undefined
  const decisions: Decision[] = ended ? [{ action: 'rollout.analysed', detail: ended }] : []
  // A step makes offers in a wave once: a device that must wait for the rate or the budget now waits until the next
  // event.
  let asked = -1
  for (;;) {
    next = yield* gatherReady(next)
    const move = advance(plan, next, nowMs)
    if (move) {
      decisions.push(...move.decisions)
      next = move.next
    } else if (next.status === 'rolling' && asked < next.wave && isAnyWaiting(next)) {
      asked = next.wave
      next = yield* offerWaiting(plan, next, nowMs)
    } else return { ok: true, next: isEnded(next) ? endAllAnalyses(next) : next, decisions }
  }
}

function refusal(state: RolloutState, { kind }: RolloutEvent): string | undefined {
  if (kind === 'approve' && !awaitsApproval(state)) return 'no wave of the rollout waits for approval now'
  const isRefused =
    (kind === 'pause' && state.status !== 'rolling') ||
    (kind === 'resume' && state.status !== 'paused') ||
    ((kind === 'retry' || kind === 'abort' || kind === 'rollback' || kind === 'supersede') && isEnded(state))
  return isRefused ? `cannot ${kind} a rollout that is ${state.status}` : undefined
}

function* handle(plan: RolloutPlan, state: RolloutState, event: RolloutEvent, nowMs: number): Steps<RolloutState> {
  switch (event.kind) {
    case 'tick':
      return yield* passTime(plan, state, nowMs)
    case 'report':
      return yield* hear({ plan, state, nowMs }, event)
    case 'hold':
      return yield* hold(state, event)
    case 'said': {
      let next = state
      for (const one of event.said) next = yield* handle(plan, next, one, nowMs)
      return next
    }
    case 'aside':
    case 'back':
      return yield* moveAll(state, [quarantineChange(event)])
    case 'join':
      return changeWave(beginAnew(state, event.wave, nowMs), event.wave, (wave) =>
        recount(wave, { to: 'waiting', rows: 1 }),
      )
    case 'leave':
      return changeWave(state, event.member.wave, (wave) => recount(wave, { from: event.member.outcome, rows: 1 }))
    case 'pause':
      return { ...state, status: 'paused', reason: event.reason, pausedBy: 'person' }
    case 'resume':
      return yield* resumeRollout(plan, state, nowMs)
    case 'approve':
      return changeWave(state, state.wave + 1, (wave) => ({ ...wave, isApproved: true }))
    case 'retry':
      return retryAnalyses(plan, yield* retryAll(plan, state), nowMs)
    case 'abort':
      return { ...state, status: 'aborted', reason: event.reason }
    case 'rollback':
      return { ...state, status: 'rolled-back', reason: event.reason, keptWaves: 0 }
    case 'supersede':
      return { ...state, status: 'superseded', reason: `revision ${event.revision} replaced it` }
    case 'measured':
      return hearMeasurement(plan, state, event)
    default:
      return assertNever(event)
  }
}

/** The next thing that the rollout does by itself; undefined when there is nothing. */
function advance(plan: RolloutPlan, state: RolloutState, nowMs: number): Move | undefined {
  if (isEnded(state)) return undefined
  const open = judgedWaves(plan, state)
  for (const broken of open) {
    const reason = limitProblem(broken.planned, broken.wave)
    if (reason !== undefined) return stop(plan, state, { broken, reason })
  }
  const begun = beginAnalyses(plan, state, nowMs)
  if (begun) return move(begun)
  for (const broken of open) {
    const reason = analysisProblem(broken, 'failed')
    if (reason !== undefined) return stop(plan, state, { broken, reason })
  }
  return state.status === 'paused' ? undefined : (doubt(state, open) ?? progress(plan, state, nowMs))
}

/** A retry leaves a rollout paused, because it may have paused for another reason, too. */
const DOUBT_NEXT = 'retry to measure again, then resume; resume without a retry to continue anyway'

/** The measurements are inconclusive: a person decides. */
function doubt(state: RolloutState, open: readonly OpenWave[]): Move | undefined {
  for (const doubted of open) {
    const reason = analysisProblem(doubted, 'inconclusive')
    if (reason === undefined) continue
    return pause(state, doubted, `${reason}; ${DOUBT_NEXT}`)
  }
  return undefined
}

function progress(plan: RolloutPlan, state: RolloutState, nowMs: number): Move | undefined {
  const open = openWaves(plan, state)
  const newest = open[state.wave] as OpenWave
  const verdict = judgeWave(newest.planned, newest.wave, nowMs)
  const withdrawn = verdict === 'analysing' || isAnyUndecided(state) ? withdrawQuestion(state) : undefined
  if (withdrawn) return move(withdrawn)
  switch (verdict) {
    case 'undecided':
      return restartSoak(state, newest)
    case 'inconclusive':
      return concludeNothing(plan, state, nowMs)
    case 'decided':
      return move(changeWave(state, state.wave, (wave) => ({ ...wave, soakingSinceMs: nowMs })))
    case 'soaking':
    case 'analysing':
      return undefined
    case 'passed':
      // Devices that joined an earlier wave late must be decided, too.
      if (isAnyUndecided(state)) return undefined
      if (hasDevicesAhead(state)) return goOn(plan, state, nowMs)
      return hasDevices(state) ? finish(state, newest) : undefined
    default:
      return assertNever(verdict)
  }
}

/** A device that joins the wave late, or is offered it again, must prove itself for the whole time. */
function restartSoak(state: RolloutState, { wave: { soakingSinceMs } }: OpenWave): Move | undefined {
  if (soakingSinceMs === undefined) return undefined
  return move(changeWave(state, state.wave, ({ soakingSinceMs: _, ...wave }) => wave))
}

/** Too few devices for a result are never a success. Empty waves at the end are an exception. */
function concludeNothing(plan: RolloutPlan, state: RolloutState, nowMs: number): Move | undefined {
  const newest = openWaves(plan, state)[state.wave] as OpenWave
  const isEmptyEnd = state.waves.slice(state.wave, state.removalWave).every((wave) => sizeOf(wave) === 0)
  // A device that joined an earlier wave late may be the only one whose report counts.
  if (isEmptyEnd && isAnyUndecided(state)) return undefined
  // Only devices that lose the model are left, or no device is to run the revision at all.
  if (isEmptyEnd && isRemovalAhead(state) && !hasDevices(state)) return askNext(plan, state, nowMs)
  if (isEmptyEnd && isRemovalAhead(state) && !isSwitchAhead(state)) return goOn(plan, state, nowMs)
  // The first device to come may be the only one whose report counts.
  if (isEmptyEnd && !hasDevices(state)) return undefined
  if (isEmptyEnd && !isSwitchAhead(state)) return finish(state, newest)
  // The devices of earlier waves are ready, and this wave has none to wait for.
  if (isEmptyEnd && state.wave + 1 === state.switchWave) return goOn(plan, state, nowMs)
  const { planned, wave } = newest
  const reason =
    sizeOf(wave) === 0
      ? `wave ${planned.name} has no device to test the revision; resume to continue without one`
      : `${decidedOf(wave)} of at least ${planned.minExecuted} devices of wave ${planned.name} reported; resume to continue with so few`
  return pause(state, newest, reason)
}

/** The wave has passed. Somebody may want to look before the next one opens. */
function goOn(plan: RolloutPlan, state: RolloutState, nowMs: number): Move | undefined {
  const newest = openWaves(plan, state)[state.wave] as OpenWave
  if (newest.planned.pauseAfter && !newest.wave.isReleased) {
    const reason = `wave ${newest.planned.name} has passed; resume to continue`
    return pause(state, newest, reason, 'plan')
  }
  return askNext(plan, state, nowMs)
}

/** Opens the next wave, once a person has approved it if it waits for that. */
function askNext(plan: RolloutPlan, state: RolloutState, nowMs: number): Move | undefined {
  const newest = openWaves(plan, state)[state.wave] as OpenWave
  const next = state.waves[state.wave + 1]
  // People are not asked twice, for waves without devices and then for the removal: one approval must not cover both.
  if (isNextForNobody(state)) return openNext(plan, state, nowMs)
  if (!plan.waves[state.wave + 1]?.approval || next?.isApproved) return openNext(plan, state, nowMs)
  if (next?.awaitedSinceMs !== undefined) return undefined
  const awaited = changeWave(state, state.wave + 1, (wave) => ({ ...wave, awaitedSinceMs: nowMs }))
  return decide(awaited, newest, 'rollout.approval_awaited')
}

function openNext(plan: RolloutPlan, state: RolloutState, nowMs: number): Move {
  const next = openWave(endAnalyses(state, state.wave), state.wave + 1, nowMs)
  return decide(next, openWaves(plan, next)[next.wave] as OpenWave, 'rollout.wave_opened')
}

const pause = (state: RolloutState, wave: OpenWave, reason: string, pausedBy: PausedBy = 'gate'): Move =>
  decide({ ...state, status: 'paused', reason, pausedBy }, wave, 'rollout.paused')

const finish = (state: RolloutState, newest: OpenWave) => decide({ ...state, status: 'done' }, newest, 'rollout.done')

function stop(
  { onFailure }: RolloutPlan,
  state: RolloutState,
  { broken, reason }: { broken: OpenWave; reason: string },
): Move | undefined {
  switch (onFailure) {
    case 'pause':
      return state.status === 'paused' ? undefined : pause(state, broken, reason)
    case 'abort':
      return decide({ ...state, status: 'aborted', reason }, broken, 'rollout.aborted')
    case 'rollback-wave':
      // Later waves were opened on the strength of this one, so they roll back with it.
      return decide({ ...state, status: 'rolled-back', reason, keptWaves: broken.index }, broken, 'rollout.rolled_back')
    case 'rollback-all':
      return decide({ ...state, status: 'rolled-back', reason, keptWaves: 0 }, broken, 'rollout.rolled_back')
    default:
      return assertNever(onFailure)
  }
}
