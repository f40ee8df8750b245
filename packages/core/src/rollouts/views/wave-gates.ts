/**
 * Wave gates: the conditions that a wave must meet before the next one opens, each with its progress, for people to
 * see. wave-verdict.ts makes the verdict.
 */
import type { Amount } from '@skerry/contract/deployments/amount'
import type { AnalysisView, MeasurementPhase } from '@skerry/contract/deployments/analysis'
import type { FailureLimit } from '@skerry/contract/deployments/failure-limit'
import type { Rollout, RolloutWave } from '@skerry/contract/rollouts/rollout'
import { isEnded } from '../rollout-state.ts'
import { decidedOf, type LimitStanding, limitStandings, sizeOf } from '../wave-verdict.ts'
import { isPlannedPause } from './pause-words.ts'

/**
 * pending: no result yet. met: kept to the end. not-reached: the rollout ended before there was a result. failed:
 * broken. inconclusive: all devices had an offer, and too few have reported; or a measurement has no result.
 */
export type GateState = 'pending' | 'met' | 'not-reached' | 'failed' | 'inconclusive'

export type Gate =
  /**
   * Failures, or those of one kind, among the devices that had a chance. A share waits until `from` of them have
   * reported.
   */
  | {
      kind: 'failures'
      of: number
      failed: number
      only?: FailureLimit['kind']
      state: GateState
      limit: Amount
      from?: number
      /** The first failed devices, if the gate is broken. */
      devices?: string[]
    }
  /** Devices that have been decided, at least. */
  | { kind: 'executed'; state: GateState; decided: number; limit: number; isBorne: boolean }
  /** How long all has been well. */
  | { kind: 'soak'; state: GateState; soakedMs: number; limitMs: number }
  /** How long the devices have had; each has its own time from its offer on. Late ones count as failures. */
  | { kind: 'deadline'; state: GateState; openMs: number; limitMs: number; undecided: number; timedOut: number }
  /** Something that is measured while the wave rolls and soaks. */
  | { kind: 'analysis'; state: GateState; name: string; view: AnalysisView }

type GateFacts = Pick<Rollout, 'status' | 'changedAtMs'> &
  Partial<Pick<Rollout, 'failures' | 'waves' | 'wave' | 'pausedBy'>>

const isPausedAfter = (rollout: GateFacts, wave: RolloutWave): boolean =>
  isPlannedPause(rollout) && rollout.wave !== undefined && rollout.waves?.[rollout.wave] === wave

/** Whether the wave has met all its gates, so that nothing of it is pending. */
export const hasMetGates = (rollout: GateFacts, wave: RolloutWave, nowMs: number): boolean =>
  gatesOf(rollout, wave, nowMs).every(({ state }) => state === 'met')

/** A person who sees a broken gate wants to know which devices broke it. */
function withDevices(gate: Gate, { failures = [], waves = [] }: GateFacts, wave: RolloutWave): Gate {
  if (gate.kind !== 'failures' || gate.state !== 'failed') return gate
  const { only = 'all' } = gate
  const index = waves.indexOf(wave)
  const devices = failures
    .filter((failure) => failure.wave === index && (only === 'all' || failure.outcome === only))
    .map(({ device }) => device)
  return devices.length === 0 ? gate : { ...gate, devices }
}

/** The gates of one wave, in the order of their checks. They end with the rollout. */
export function gatesOf(rollout: GateFacts, wave: RolloutWave, nowMs: number): Gate[] {
  const hasEnded = isEnded(rollout)
  const atMs = hasEnded ? rollout.changedAtMs : nowMs
  // The hub has decided that the wave has soaked. The clock of the person may be behind.
  const soakAtMs = isPausedAfter(rollout, wave) ? Number.POSITIVE_INFINITY : atMs
  const failed = (gate: Gate) => withDevices(gate, rollout, wave)
  const gates = [
    ...failureGates(wave).map(failed),
    executed(wave),
    deadline(wave, atMs),
    ...soak(wave, soakAtMs),
    ...analyses(wave),
  ]
  if (!hasEnded) return gates
  return gates.map((gate) => ({ ...gate, state: lastState(gate.state, wave) }))
}

/** The state of a gate when its rollout has ended. A wave without devices has reached nothing. */
const lastState = (state: GateState, wave: RolloutWave): GateState =>
  state === 'pending' || (state === 'inconclusive' && sizeOf(wave) === 0) ? 'not-reached' : state

const undecidedOf = ({ counts }: RolloutWave) => counts.waiting + counts.offered

/** The limit for all kinds of failure first, then those for one. */
function failureGates(wave: RolloutWave): Gate[] {
  const [all, ...limits] = limitStandings(wave.limits, wave)
  return [failures(wave, all), ...limits.map((limit) => ({ ...failures(wave, limit), only: limit.kind }))]
}

function failures(wave: RolloutWave, { max, minExecuted, failed, of, isShare, isEarly, isBroken }: LimitStanding) {
  const from = isShare && minExecuted > 1 ? { from: minExecuted } : undefined
  const gate = { kind: 'failures', failed, of, limit: max, ...from } as const
  if (wave.openedAtMs === undefined || isEarly) return { ...gate, state: 'pending' as const }
  if (isBroken) return { ...gate, state: 'failed' as const }
  return { ...gate, state: undecidedOf(wave) > 0 ? ('pending' as const) : ('met' as const) }
}

function executed(wave: RolloutWave): Gate {
  const { minExecuted } = wave.limits
  const decided = decidedOf(wave)
  const gate = { kind: 'executed', decided, limit: minExecuted, isBorne: wave.isBorne === true } as const
  if (wave.openedAtMs === undefined) return { ...gate, state: 'pending' }
  if (decided >= minExecuted || wave.isBorne) return { ...gate, state: 'met' }
  return { ...gate, state: undecidedOf(wave) > 0 ? 'pending' : 'inconclusive' }
}

/** It fails with the limit on failures: late devices count there. A tolerated late device breaks neither of them. */
function deadline(wave: RolloutWave, atMs: number): Gate {
  const { counts, openedAtMs, limits } = wave
  const gate = {
    ...({ kind: 'deadline', limitMs: limits.deadlineSeconds * 1_000 } as const),
    openMs: openedAtMs === undefined ? 0 : Math.max(0, atMs - openedAtMs),
    undecided: counts.offered,
    timedOut: counts['timed-out'],
  }
  if (openedAtMs === undefined) return { ...gate, state: 'pending' }
  const isBroken = limitStandings(limits, wave).some((limit) => limit.isBroken && isAboutTime(limit))
  if (gate.timedOut > 0 && isBroken) return { ...gate, state: 'failed' }
  return { ...gate, state: undecidedOf(wave) > 0 ? 'pending' : 'met' }
}

const isAboutTime = ({ kind }: LimitStanding) => kind === 'all' || kind === 'timed-out'

/** A wave without a soak has no such gate. */
function soak({ limits, soakingSinceMs }: RolloutWave, atMs: number): Gate[] {
  const limitMs = limits.soakSeconds * 1_000
  if (limitMs === 0) return []
  if (soakingSinceMs === undefined) return [{ kind: 'soak', state: 'pending', soakedMs: 0, limitMs }]
  const soakedMs = Math.min(limitMs, Math.max(0, atMs - soakingSinceMs))
  return [{ kind: 'soak', state: soakedMs < limitMs ? 'pending' : 'met', soakedMs, limitMs }]
}

const analyses = ({ analyses: views = [] }: RolloutWave): Gate[] =>
  views.map((view) => ({ kind: 'analysis', name: view.analysis.name, state: analysisState(view), view }))

function analysisState({ run }: AnalysisView): GateState {
  if (run?.isBorne) return 'met'
  if (run?.verdict === undefined) return 'pending'
  return STATES[run.verdict]
}

const STATES: Readonly<Record<MeasurementPhase, GateState>> = {
  successful: 'met',
  failed: 'failed',
  error: 'failed',
  inconclusive: 'inconclusive',
}
