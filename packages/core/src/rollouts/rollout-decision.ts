/** Rollout decision: what a rollout did by itself, as the audit trail has it, and the state after it. */
import type { OutcomeCounts } from '@skerry/contract/rollouts/rollout'
import type { AnalysisVerdict } from './rollout-analysis.ts'
import type { OpenWave, RolloutState } from './rollout-state.ts'

/** What the rollout decided by itself, with the numbers that it decided on; for the audit trail. */
export type Decision = {
  action:
    | 'rollout.wave_opened'
    | 'rollout.analysed'
    | 'rollout.approval_awaited'
    | 'rollout.paused'
    | 'rollout.aborted'
    | 'rollout.rolled_back'
    | 'rollout.done'
  detail: { wave: string; counts: OutcomeCounts; reason?: string } & Partial<
    Pick<AnalysisVerdict, 'analysis' | 'verdict'>
  >
}

export type Move = { next: RolloutState; decisions: Decision[] }

/** A change that is no decision: the audit trail does not have it. */
export const move = (next: RolloutState): Move => ({ next, decisions: [] })

/** The decision names the wave that it is about, with its counts. */
export function decide(next: RolloutState, { planned, wave }: OpenWave, action: Decision['action']): Move {
  const { reason } = next
  const detail = { wave: planned.name, counts: wave.counts, ...(reason === undefined ? {} : { reason }) }
  return { next, decisions: [{ action, detail }] }
}
