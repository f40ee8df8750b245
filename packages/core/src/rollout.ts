/**
 * Rollout: takes one revision of a deployment through its devices wave by wave, and stops itself when too many fail.
 *
 *     rolling ⇄ paused;  rolling → done;  rolling, paused → aborted | rolled-back | superseded
 *
 * The state holds counters; each device has a row of its own (`Member`), which the hub keeps in a table. `step` is a generator: it yields
 * changes of rows in bulk ("all that wait in wave 2 are offered it now"), is told how many rows that was, and returns the next state and what
 * it decided by itself. So a report costs the same whatever the fleet's size, and the tests run the changes on an array.
 *
 * Nothing is sent to devices: `isOffered` says what a row means, and documents are derived from it, so no message can be lost.
 * What it does not do yet: rates and budgets (they would bound how many rows an offer moves), windows, and gates by metrics (further
 * verdicts beside those of wave-verdict.ts).
 */
import type { DeviceId } from '@skerry/contract/ids'
import type { Outcome, OutcomeCounts } from '@skerry/contract/rollout'
import { assertNever } from './assert-never.ts'
import {
  changeWave,
  deadlineOf,
  isEnded,
  isOffered,
  type Member,
  type OpenWave,
  openWave,
  openWaves,
  type RolloutState,
} from './rollout-state.ts'
import { decidedOf, judgeWave, limitProblem, recount, sizeOf } from './wave-verdict.ts'
import type { RolloutPlan } from './waves.ts'

/** Rows of one wave and one outcome that get another; the rows that `which` names. */
export type MemberChange = { wave: number; from: Outcome; to: Outcome; which: MemberChoice }
export type MemberChoice =
  | { kind: 'all' }
  /** Those whose devices are not heard now. */
  | { kind: 'offline' }
  /** Those that were offered the revision at this time or before. */
  | { kind: 'offered-until'; atMs: number }
  | { kind: 'device'; deviceId: DeviceId }

export type RolloutEvent =
  /** Time has passed. */
  | { kind: 'tick' }
  | { kind: 'report'; deviceId: DeviceId; member: Member; heard: 'healthy' | 'failed' }
  /** A row was added: it waits in this wave. */
  | { kind: 'join'; wave: number }
  /** A row was removed. */
  | { kind: 'leave'; member: Member }
  /** A person's wish, with the reason. */
  | { kind: 'pause' | 'resume' | 'abort' | 'rollback'; reason: string }
  /** A newer revision takes over. */
  | { kind: 'supersede'; revision: number }

/** What the rollout decided by itself, with the numbers that it decided on; for the audit trail. */
export type Decision = {
  action: 'rollout.wave_opened' | 'rollout.paused' | 'rollout.aborted' | 'rollout.rolled_back' | 'rollout.done'
  detail: { wave: string; counts: OutcomeCounts; reason?: string }
}

export type RolloutStep =
  | { ok: true; next: RolloutState; decisions: Decision[] }
  | { ok: false; code: 'rollout_event_refused'; message: string }

/** Yields changes of rows, takes how many rows each changed. */
type Steps<Result> = Generator<MemberChange, Result, number>

/** A person's wish that does not fit is refused; what devices report never is, since reports repeat and arrive late. */
export function* step(plan: RolloutPlan, state: RolloutState, event: RolloutEvent, nowMs: number): Steps<RolloutStep> {
  const problem = refusal(state, event)
  if (problem !== undefined) return { ok: false, code: 'rollout_event_refused', message: problem }
  const handled = yield* handle(plan, state, event, nowMs)
  const decisions: Decision[] = []
  let next = handled
  for (let move = advance(plan, next, nowMs); move; move = advance(plan, next, nowMs)) {
    decisions.push(...move.decisions)
    next = yield* moveAll(move.next, move.changes)
  }
  return { ok: true, next, decisions }
}

function refusal(state: RolloutState, { kind }: RolloutEvent): string | undefined {
  const isRefused =
    (kind === 'pause' && state.status !== 'rolling') ||
    (kind === 'resume' && state.status !== 'paused') ||
    ((kind === 'abort' || kind === 'rollback' || kind === 'supersede') && isEnded(state))
  return isRefused ? `cannot ${kind} a rollout that is ${state.status}` : undefined
}

function* handle(plan: RolloutPlan, state: RolloutState, event: RolloutEvent, nowMs: number): Steps<RolloutState> {
  switch (event.kind) {
    case 'tick':
      return yield* moveAll(state, timeOuts(plan, state, nowMs))
    case 'report':
      return yield* hear(state, event)
    case 'join':
      return changeWave(state, event.wave, (wave) => recount(wave, { to: 'waiting', rows: 1 }))
    case 'leave':
      return changeWave(state, event.member.wave, (wave) => recount(wave, { from: event.member.outcome, rows: 1 }))
    case 'pause':
      return { ...state, status: 'paused', reason: event.reason }
    case 'resume':
      return yield* resume(plan, state)
    case 'abort':
      return { ...state, status: 'aborted', reason: event.reason }
    case 'rollback':
      return { ...state, status: 'rolled-back', reason: event.reason, keptWaves: 0 }
    case 'supersede':
      return { ...state, status: 'superseded', reason: `revision ${event.revision} took over` }
    default:
      return assertNever(event)
  }
}

function timeOuts(plan: RolloutPlan, state: RolloutState, nowMs: number): MemberChange[] {
  if (isEnded(state)) return []
  return openWaves(plan, state)
    .filter((open) => (deadlineOf(open) ?? Number.POSITIVE_INFINITY) <= nowMs)
    .map(({ planned, index }) => {
      const which: MemberChoice = { kind: 'offered-until', atMs: nowMs - planned.deadlineMs }
      return { wave: index, from: 'offered', to: 'timed-out', which }
    })
}

/** Only who is offered the revision can say how it goes, and saying the same again says nothing. */
function* hear(
  state: RolloutState,
  { deviceId, member, heard }: Extract<RolloutEvent, { kind: 'report' }>,
): Steps<RolloutState> {
  // A device repeats its last report until it has a new one, so a tolerated failure heard again is still tolerated.
  const isTolerated = member.outcome === 'tolerated' && heard === 'failed'
  if (!isOffered(state, member) || member.outcome === heard || isTolerated) return state
  const which: MemberChoice = { kind: 'device', deviceId }
  return yield* moveAll(state, [{ wave: member.wave, from: member.outcome, to: heard, which }])
}

/** Whoever resumes has seen these failures, so they stop counting; else the next report would stop it again. */
function* resume(plan: RolloutPlan, { reason: _, ...state }: RolloutState): Steps<RolloutState> {
  const open = openWaves(plan, state)
  const changes = open.flatMap(({ index, wave }) =>
    (['failed', 'timed-out'] as const)
      .filter((outcome) => wave.counts[outcome] > 0)
      .map((from): MemberChange => ({ wave: index, from, to: 'tolerated', which: { kind: 'all' } })),
  )
  const isBorne =
    hasDevices(state) &&
    open.some(({ index, planned, wave }) => index === state.wave && judgeWave(planned, wave, 0) === 'inconclusive')
  const borne = isBorne ? changeWave(state, state.wave, (wave) => ({ ...wave, isBorne: true })) : state
  return yield* moveAll({ ...borne, status: 'rolling' }, changes)
}

function* moveAll(state: RolloutState, changes: readonly MemberChange[]): Steps<RolloutState> {
  let next = state
  for (const change of changes) {
    const rows = yield change
    next = changeWave(next, change.wave, (wave) => {
      if (change.which.kind === 'all' && rows !== wave.counts[change.from]) {
        throw new Error(`${rows} rows changed in wave ${change.wave}, ${wave.counts[change.from]} were ${change.from}`)
      }
      return recount(wave, { from: change.from, to: change.to, rows })
    })
  }
  return next
}

type Move = { next: RolloutState; changes: MemberChange[]; decisions: Decision[] }

/** The next thing that the rollout does by itself; undefined when there is nothing. */
function advance(plan: RolloutPlan, state: RolloutState, nowMs: number): Move | undefined {
  if (isEnded(state)) return undefined
  const open = openWaves(plan, state)
  for (const broken of open) {
    const reason = limitProblem(broken.planned, broken.wave)
    if (reason !== undefined) return stop(plan, state, { broken, reason })
  }
  if (state.status === 'paused') return undefined
  const changes = open.filter(({ wave }) => wave.counts.waiting > 0).flatMap(({ index }) => offer(plan, index))
  if (changes.length > 0) return { next: state, changes, decisions: [] }
  return progress(plan, state, nowMs)
}

const offer = ({ offline }: RolloutPlan, wave: number): MemberChange[] => [
  ...(offline === 'skip' ? [{ wave, from: 'waiting', to: 'skipped', which: { kind: 'offline' } } as const] : []),
  { wave, from: 'waiting', to: 'offered', which: { kind: 'all' } },
]

function progress(plan: RolloutPlan, state: RolloutState, nowMs: number): Move | undefined {
  const open = openWaves(plan, state)
  const newest = open[state.wave] as OpenWave
  const verdict = judgeWave(newest.planned, newest.wave, nowMs)
  switch (verdict) {
    case 'undecided':
      return restartSoak(state, newest)
    case 'inconclusive':
      return concludeNothing(state, newest)
    case 'decided':
      return move(changeWave(state, state.wave, (wave) => ({ ...wave, soakingSinceMs: nowMs })))
    case 'soaking':
      return undefined
    case 'passed':
      // Who joined an earlier wave late is waited for, too.
      if (open.some(({ wave }) => wave.counts.offered > 0)) return undefined
      if (hasDevicesAhead(state)) return openNext(plan, state, nowMs)
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

/** Too few devices to tell anything is never success. Waves that are empty at the end have nothing to tell, though. */
function concludeNothing(state: RolloutState, newest: OpenWave): Move | undefined {
  const size = sizeOf(newest.wave)
  if (size === 0 && !hasDevicesAhead(state)) {
    return hasDevices(state) ? finish(state, newest) : undefined
  }
  const { planned, wave } = newest
  const reason =
    size === 0
      ? `wave ${planned.name} has no device to prove the revision on; resume to go on without`
      : `${decidedOf(wave)} of at least ${planned.minExecuted} devices of wave ${planned.name} told how it goes; resume to go on with so few`
  return decide({ ...state, status: 'paused', reason }, newest, 'rollout.paused')
}

/** Whether any device has a place in a wave: while none has, there is nobody to tell anything, and the rollout waits for its first. */
const hasDevices = (state: RolloutState) => state.waves.some((wave) => sizeOf(wave) > 0)

const hasDevicesAhead = (state: RolloutState) => state.waves.slice(state.wave + 1).some((wave) => sizeOf(wave) > 0)

function openNext(plan: RolloutPlan, state: RolloutState, nowMs: number): Move {
  const next = openWave(state, state.wave + 1, nowMs)
  return decide(next, openWaves(plan, next)[next.wave] as OpenWave, 'rollout.wave_opened')
}

const finish = (state: RolloutState, newest: OpenWave) => decide({ ...state, status: 'done' }, newest, 'rollout.done')

function stop(
  { onFailure }: RolloutPlan,
  state: RolloutState,
  { broken, reason }: { broken: OpenWave; reason: string },
): Move | undefined {
  switch (onFailure) {
    case 'pause':
      return state.status === 'paused'
        ? undefined
        : decide({ ...state, status: 'paused', reason }, broken, 'rollout.paused')
    case 'abort':
      return decide({ ...state, status: 'aborted', reason }, broken, 'rollout.aborted')
    case 'rollback-wave':
      // Later waves were opened on the strength of this one, so they go back with it.
      return decide({ ...state, status: 'rolled-back', reason, keptWaves: broken.index }, broken, 'rollout.rolled_back')
    case 'rollback-all':
      return decide({ ...state, status: 'rolled-back', reason, keptWaves: 0 }, broken, 'rollout.rolled_back')
    default:
      return assertNever(onFailure)
  }
}

const move = (next: RolloutState): Move => ({ next, changes: [], decisions: [] })

function decide(next: RolloutState, { planned, wave }: OpenWave, action: Decision['action']): Move {
  const { reason } = next
  const detail = { wave: planned.name, counts: wave.counts, ...(reason === undefined ? {} : { reason }) }
  return { next, changes: [], decisions: [{ action, detail }] }
}
