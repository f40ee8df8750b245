/** Wave gates: what a wave must do before the next one opens, each with how far it is, for people to see. The verdict is wave-verdict.ts's. */
import type { Amount } from '@skerry/contract/deployments/amount'
import type { AnalysisView, MeasurementPhase } from '@skerry/contract/deployments/analysis'
import type { FailureLimit } from '@skerry/contract/deployments/failure-limit'
import type { Rollout, RolloutWave } from '@skerry/contract/rollouts/rollout'
import { isEnded } from './rollout-state.ts'
import { decidedOf, type LimitStanding, limitStandings } from './wave-verdict.ts'

/**
 * waiting: nothing to say yet. holding: kept so far, and may still break. passed: kept, and done with. failed: broken. inconclusive: all have
 * been asked, and too few told.
 */
export type GateState = 'waiting' | 'holding' | 'passed' | 'failed' | 'inconclusive'

export type Gate =
  /** Failures, or those of the one kind, among the devices that had a chance. A share waits until `from` of them have told. */
  | {
      kind: 'failures'
      of: number
      failed: number
      only?: FailureLimit['kind']
      state: GateState
      limit: Amount
      from?: number
    }
  /** Devices that have been decided, at least. */
  | { kind: 'executed'; state: GateState; decided: number; limit: number; isBorne: boolean }
  /** How long all has been well. */
  | { kind: 'soak'; state: GateState; soakedMs: number; limitMs: number }
  /** How long the devices have had; each has its own time from when it was offered the revision. Those that are late count as failures. */
  | { kind: 'deadline'; state: GateState; openMs: number; limitMs: number; undecided: number; timedOut: number }
  /** Something that is measured while the wave rolls and soaks. */
  | { kind: 'analysis'; state: GateState; name: string; view: AnalysisView }

/** The gates of one wave, in the order in which they are asked. A rollout that has ended stands still. */
export function gatesOf(rollout: Pick<Rollout, 'status' | 'changedAtMs'>, wave: RolloutWave, nowMs: number): Gate[] {
  const atMs = isEnded(rollout) ? rollout.changedAtMs : nowMs
  return [...failureGates(wave), executed(wave), deadline(wave, atMs), ...soak(wave, atMs), ...analyses(wave)]
}

const undecidedOf = ({ counts }: RolloutWave) => counts.waiting + counts.offered

/** The limit for all kinds of failure first, then those for one. */
function failureGates(wave: RolloutWave): Gate[] {
  const [all, ...limits] = limitStandings(wave.limits, wave)
  return [failures(wave, all), ...limits.map((limit) => ({ ...failures(wave, limit), only: limit.kind }))]
}

function failures(wave: RolloutWave, { max, minExecuted, failed, of, isShare, isEarly, isBroken }: LimitStanding) {
  const from = isShare && minExecuted > 1 ? { from: minExecuted } : undefined
  const gate = { kind: 'failures', failed, of, limit: max, ...from } as const
  if (wave.openedAtMs === undefined || isEarly) return { ...gate, state: 'waiting' as const }
  if (isBroken) return { ...gate, state: 'failed' as const }
  return { ...gate, state: undecidedOf(wave) > 0 ? ('holding' as const) : ('passed' as const) }
}

function executed(wave: RolloutWave): Gate {
  const { minExecuted } = wave.limits
  const decided = decidedOf(wave)
  const gate = { kind: 'executed', decided, limit: minExecuted, isBorne: wave.isBorne === true } as const
  if (decided >= minExecuted || wave.isBorne) return { ...gate, state: 'passed' }
  return { ...gate, state: wave.openedAtMs === undefined || undecidedOf(wave) > 0 ? 'waiting' : 'inconclusive' }
}

function deadline(wave: RolloutWave, atMs: number): Gate {
  const { counts, openedAtMs, limits } = wave
  const gate = {
    ...({ kind: 'deadline', limitMs: limits.deadlineSeconds * 1_000 } as const),
    openMs: openedAtMs === undefined ? 0 : Math.max(0, atMs - openedAtMs),
    undecided: counts.offered,
    timedOut: counts['timed-out'],
  }
  if (openedAtMs === undefined) return { ...gate, state: 'waiting' }
  return { ...gate, state: undecidedOf(wave) > 0 ? 'holding' : 'passed' }
}

/** A wave without a soak has no such gate. */
function soak({ limits, soakingSinceMs }: RolloutWave, atMs: number): Gate[] {
  const limitMs = limits.soakSeconds * 1_000
  if (limitMs === 0) return []
  if (soakingSinceMs === undefined) return [{ kind: 'soak', state: 'waiting', soakedMs: 0, limitMs }]
  const soakedMs = Math.min(limitMs, Math.max(0, atMs - soakingSinceMs))
  return [{ kind: 'soak', state: soakedMs < limitMs ? 'holding' : 'passed', soakedMs, limitMs }]
}

const analyses = ({ analyses: views = [] }: RolloutWave): Gate[] =>
  views.map((view) => ({ kind: 'analysis', name: view.analysis.name, state: analysisState(view), view }))

function analysisState({ run }: AnalysisView): GateState {
  if (run?.isBorne) return 'passed'
  if (run?.verdict === undefined) return run?.last.length ? 'holding' : 'waiting'
  return STATES[run.verdict]
}

const STATES: Readonly<Record<MeasurementPhase, GateState>> = {
  successful: 'passed',
  failed: 'failed',
  error: 'failed',
  inconclusive: 'inconclusive',
}
