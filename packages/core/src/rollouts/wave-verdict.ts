/** Wave verdict: how one open wave of a rollout stands, from its counters alone. */
import type { AnalysisRun } from '@skerry/contract/deployments/analysis'
import type { FailureLimit } from '@skerry/contract/deployments/failure-limit'
import type { Outcome, OutcomeCounts } from '@skerry/contract/rollouts/rollout'
import { standOf } from '../analysis/analysis.ts'
import { exceeds, parseAmount } from '../values/amount.ts'
import type { PlannedWave } from './waves.ts'

/** The stored state of one wave. Plain JSON. */
export type WaveState = {
  counts: OutcomeCounts
  openedAtMs?: number
  /** Since when every device of the wave has been decided. */
  soakingSinceMs?: number
  /** A person resumed the rollout although too few devices of this wave were decided for a result. */
  isBorne?: true
  /** Since when all before it have passed and it waits for a person's approval. */
  awaitedSinceMs?: number
  /** A person let the wave open that waits for approval. */
  isApproved?: true
  /** A person resumed the rollout after the wave had passed and it had paused for that. */
  isReleased?: true
  /** How its analyses stand, in the order of the plan; absent until they begin. */
  analyses?: AnalysisRun[]
}

/**
 * undecided: some device has not reported anything decisive.
 * inconclusive: all have been decided or left out, but too few for a result.
 * decided: it has just become so.
 * soaking, passed: whether it has stayed so for long enough.
 * analysing: it has, and not everything has been measured.
 */
export type WaveVerdict = 'undecided' | 'inconclusive' | 'decided' | 'soaking' | 'analysing' | 'passed'

export const NO_COUNTS: OutcomeCounts = {
  waiting: 0,
  offered: 0,
  healthy: 0,
  failed: 0,
  rejected: 0,
  'timed-out': 0,
  tolerated: 0,
  skipped: 0,
}

/** A wave of this size that has not opened. */
export const closedWave = (size: number): WaveState => ({ counts: { ...NO_COUNTS, waiting: size } })

/**
 * The wave after this number of its rows has moved from one outcome to another. Either outcome may be absent: a device
 * joins or leaves.
 */
export function recount(
  wave: WaveState,
  { from, to, rows }: { from?: Outcome; to?: Outcome; rows: number },
): WaveState {
  const counts = { ...wave.counts }
  if (from) counts[from] -= rows
  if (to) counts[to] += rows
  return { ...wave, counts }
}

/** How many devices the wave has. */
export const sizeOf = ({ counts }: Pick<WaveState, 'counts'>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

/** The kinds of failure, which all count against a wave's limit. */
export const FAILURE_KINDS = ['failed', 'rejected', 'timed-out'] as const satisfies readonly Outcome[]

/** How many devices of the wave count as failed; tolerated ones do not. */
export const failuresOf = ({ counts }: Pick<WaveState, 'counts'>): number =>
  FAILURE_KINDS.reduce((sum, kind) => sum + counts[kind], 0)

type FailureLimits = Pick<PlannedWave, 'failuresMax' | 'minExecuted' | 'limits'>

/** How one limit on failures stands. `isEarly`: it is a share, and too few devices have been decided. */
export type LimitStanding = FailureLimit & {
  failed: number
  of: number
  isShare: boolean
  isEarly: boolean
  isBroken: boolean
}

/**
 * The limit for all kinds of failure first, then those for one kind. A share is of the devices that had a chance. This
 * leaves out tolerated devices: otherwise a tolerated failure would make room for another one. A share is not computed
 * before `minExecuted` devices have been decided.
 */
export function limitStandings(
  { failuresMax, minExecuted, limits = [] }: FailureLimits,
  wave: Pick<WaveState, 'counts'>,
): [LimitStanding, ...LimitStanding[]] {
  const failures = failuresOf(wave)
  const of = wave.counts.healthy + failures
  const standingOf = (limit: FailureLimit): LimitStanding => {
    const failed = limit.kind === 'all' ? failures : wave.counts[limit.kind]
    const isShare = parseAmount(limit.max).kind === 'share'
    const isEarly = isShare && of < limit.minExecuted
    const isBroken = !isEarly && exceeds(limit.max, { part: failed, total: of })
    return { ...limit, failed, of, isShare, isEarly, isBroken }
  }
  return [standingOf({ kind: 'all', max: failuresMax, minExecuted }), ...limits.map(standingOf)]
}

/** Why the wave has failed; undefined while it has not. */
export function limitProblem(planned: PlannedWave, wave: Pick<WaveState, 'counts'>): string | undefined {
  const broken = limitStandings(planned, wave).find(({ isBroken }) => isBroken)
  if (!broken) return undefined
  const { kind, max, failed, of, isShare } = broken
  return `${failed}${isShare ? ` of ${of}` : ''} ${VERBS[kind]} in wave ${planned.name}, ${max} allowed`
}

const VERBS = {
  all: 'failed',
  failed: 'failed by themselves',
  rejected: 'rejected it',
  'timed-out': 'timed out',
} as const

/** How an open wave that has not failed stands. */
export function judgeWave(planned: PlannedWave, wave: WaveState, nowMs: number): WaveVerdict {
  const { minExecuted, soakMs } = planned
  const { counts, soakingSinceMs, isBorne } = wave
  if (counts.waiting + counts.offered > 0) return 'undecided'
  if (!isBorne && decidedOf(wave) < minExecuted) return 'inconclusive'
  if (soakingSinceMs === undefined) return 'decided'
  if (nowMs < soakingSinceMs + soakMs) return 'soaking'
  return isAnalysed(planned, wave) ? 'passed' : 'analysing'
}

/**
 * Whether all analyses that gate the wave are finished. A wave without devices has nothing to measure, and a person
 * tolerates that.
 */
const isAnalysed = ({ analysis = [] }: PlannedWave, wave: WaveState): boolean =>
  sizeOf(wave) === 0 || analysis.every((one, index) => standOf(one, wave.analyses?.[index]) !== 'pending')

/** How many devices of the wave have been decided, for better or worse; skipped ones have not. */
export const decidedOf = (wave: Pick<WaveState, 'counts'>): number =>
  wave.counts.healthy + failuresOf(wave) + wave.counts.tolerated
