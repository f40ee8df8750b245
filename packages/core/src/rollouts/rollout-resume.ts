/** Rollout resume: a paused rollout continues, and the problems that a person has seen stop counting. */
import { type MemberChange, moveAll, type Steps } from './member-change.ts'
import { bearAnalyses } from './rollout-analysis.ts'
import { changeWave, openWaves, type RolloutState, verdictOf } from './rollout-state.ts'
import { hasDevices } from './switch-over.ts'
import { FAILURE_KINDS } from './wave-verdict.ts'
import type { RolloutPlan } from './waves.ts'

/** The person who resumes has seen these failures, so they stop counting; else the next report would stop it again. */
export function* resumeRollout(
  plan: RolloutPlan,
  { reason: _, pausedBy: __, ...state }: RolloutState,
  nowMs: number,
): Steps<RolloutState> {
  const open = openWaves(plan, state)
  const changes = open.flatMap(({ index, wave }) =>
    FAILURE_KINDS.filter((outcome) => wave.counts[outcome] > 0).map(
      (from): MemberChange => ({ wave: index, from, to: 'tolerated', which: { kind: 'all' } }),
    ),
  )
  const verdict = verdictOf(plan, state, nowMs)
  const seen = changeWave(state, state.wave, (wave) => ({
    ...wave,
    ...(verdict === 'inconclusive' && hasDevices(state) && { isBorne: true }),
    ...(verdict === 'passed' && { isReleased: true }),
  }))
  return yield* moveAll({ ...bearAnalyses(seen), status: 'rolling' }, changes)
}
