/** Undone rollout: whether the devices that a rolled-back rollout counts as healthy have lost its revision again. */
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import { failuresOf } from '../wave-verdict.ts'

type Facts = Pick<Rollout, 'status' | 'version' | 'wanted' | 'onFailure' | 'waves'>

/**
 * False if some devices keep the revision. The rollout in force knows that by the wanted versions. An earlier one knows
 * it by its rule: after failures, `rollback-wave` undoes only the waves from the failed one on.
 */
export function isUndone({ status, version, wanted, onFailure, waves }: Facts): boolean {
  if (status !== 'rolled-back') return false
  if (wanted) return !wanted.versions.some((on) => on.version === version && on.devices > 0)
  return onFailure !== 'rollback-wave' || !waves.some((wave) => failuresOf(wave) > 0)
}
