/** Rollout decision: a decision that a rollout made by itself, as the audit trail has it, and the state after it. */
import type { OutcomeCounts } from '@skerry/contract/rollouts/rollout'
import type { AnalysisVerdict } from './rollout-analysis.ts'
import type { OpenWave, RolloutState } from './rollout-state.ts'

/** A decision of the rollout by itself, with the numbers that led to it; for the audit trail. */
export type Decision = {
  action:
    | 'rollout.wave_opened'
    | 'rollout.analysed'
    | 'rollout.approval_awaited'
    | 'rollout.paused'
    | 'rollout.aborted'
    | 'rollout.rolled_back'
    | 'rollout.done'
  detail: { wave: string; counts: OutcomeCounts; reason?: string; isPlanned?: true } & Partial<
    Pick<AnalysisVerdict, 'analysis' | 'verdict'>
  >
}

export type Move = { next: RolloutState; decisions: Decision[] }

/** A change without a decision: the audit trail does not record it. */
export const move = (next: RolloutState): Move => ({ next, decisions: [] })

/** The decision names the wave that it is about, with its counts. */
export function decide(next: RolloutState, { planned, wave }: OpenWave, action: Decision['action']): Move {
  const { reason, pausedBy } = next
  const isPlanned = action === 'rollout.paused' && pausedBy === 'plan'
  const because = { ...(reason !== undefined && { reason }), ...(isPlanned && { isPlanned }) }
  const detail = { wave: planned.name, counts: wave.counts, ...because }
  return { next, decisions: [{ action, detail }] }
}
