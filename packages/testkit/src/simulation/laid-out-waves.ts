/** Laid-out waves: where simulated devices stand in the waves of a strategy. */
import { Strategy } from '@skerry/contract/deployments/deployment'
import type { RolloutState } from '@skerry/core/rollouts/rollout-state'
import { planRollout, type RolloutPlan, withRemoval } from '@skerry/core/rollouts/waves'

/** Nobody joins the switch or the removal: a device that comes late gets the revision ready first. */
export function joinable({ waves, switchWave, removalWave }: RolloutState, index: number): number {
  const wave = Math.min(index, waves.length)
  if (wave === switchWave || wave === removalWave) return Math.min(switchWave ?? wave, removalWave ?? wave) - 1
  return wave
}

/** The sizes of the waves; a switch takes its devices from the others. */
export const sizesOf = (plan: RolloutPlan, sizes: readonly number[], leaving = 0) =>
  plan.waves.map(({ isSwitch, isRemoval }, index) => {
    if (isRemoval) return leaving
    return isSwitch ? 0 : (sizes[index] ?? 0)
  })

/** Some plans take the model from devices. */
export const planOf = (strategy: object, leaving: number): RolloutPlan => {
  const plan = planRollout(Strategy.parse(strategy))
  return leaving === 0 ? plan : withRemoval(plan, undefined)
}
