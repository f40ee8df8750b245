/** Ended rollout: what must be true of whom a rollout that is over still offers its revision, told from rows alone and not from core's own rules. */
import type { Amount } from '@skerry/contract/deployments/amount'
import type { RolloutPlan } from '@skerry/core/rollouts/waves'
import type { simulateRollout } from '../simulation/rollout-simulation.ts'

type Simulation = ReturnType<typeof simulateRollout>

/** What is wrong; undefined where nothing is, or where the rollout goes on. */
export function endProblem(plan: RolloutPlan, rollout: Simulation): string | undefined {
  const { status, waves, keptWaves = 0 } = rollout.state()
  const offered = rollout.offered().map(rollout.rowOf)
  if (status === 'superseded') return offered.length > 0 ? 'what was superseded is offered' : undefined
  if (status !== 'aborted' && status !== 'rolled-back') return undefined
  if (offered.some(({ outcome }) => outcome !== 'healthy'))
    return `what is ${status} stays with who does not run it well`
  if (status === 'aborted') return undefined
  const wasByItself = rollout.decisions.some(({ action }) => action === 'rollout.rolled_back')
  const keepsSome = wasByItself && plan.onFailure === 'rollback-wave'
  if (!keepsSome && offered.length > 0) return 'what is rolled back everywhere stays somewhere'
  const broken = waves.findIndex((wave, index) => {
    const failures = wave.counts.failed + wave.counts.rejected + wave.counts['timed-out']
    const planned = plan.waves[index]
    return planned && isOver(planned.failuresMax, failures, failures + wave.counts.healthy, planned.minExecuted)
  })
  const isKept = keepsSome && broken >= 0 && offered.some(({ wave }) => wave >= broken)
  return isKept || (broken >= 0 && keptWaves > broken) ? 'a wave that broke its limit keeps what broke it' : undefined
}

const isOver = (most: Amount, failures: number, decided: number, minExecuted: number) =>
  typeof most === 'number'
    ? failures > most
    : decided >= minExecuted && failures * 100 > Number.parseFloat(most) * decided
