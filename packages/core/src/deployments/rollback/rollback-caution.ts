/** Rollback caution: whether a revision was rejected before, and whether a rollback to it goes forward in fact. */
import type { RollbackCaution } from '@skerry/contract/deployments/rollback'
import type { RolloutState } from '../../rollouts/rollout-state.ts'
import { failuresOf } from '../../rollouts/wave-verdict.ts'
import type { KnownRevision } from './rollback.ts'

type Ends = {
  current: KnownRevision
  target: KnownRevision
  known: readonly KnownRevision[]
  stableRevision: number | undefined
}

/** How a rollout ended. A device whose failure a person tolerates has failed, too. */
export const rolloutEnd = ({ status, reason, waves }: RolloutState): NonNullable<KnownRevision['rollout']> => ({
  status,
  reason,
  failed: waves.reduce((sum, wave) => sum + failuresOf(wave) + wave.counts.tolerated, 0),
})

/** The reason not to trust the target; undefined if it went well, or if its rollout was too long ago. */
export function rollbackCaution({ target, known }: Pick<Ends, 'target' | 'known'>): RollbackCaution | undefined {
  const { status, reason, failed = 0 } = target.rollout ?? {}
  const failures = failed > 0 ? { failed } : {}
  if (status === 'rolled-back' || status === 'aborted')
    return { outcome: status, ...(reason !== undefined && { reason }), ...failures }
  const by = known.find(
    ({ revision, rollbackTo = revision }) => revision > target.revision && rollbackTo < target.revision,
  )
  if (by) return { outcome: 'rolled-back', by: by.revision, ...failures }
  return failed > 0 ? { outcome: 'failed', failed } : undefined
}

/** The revision that the devices run now, if it is older than the target; undefined if the rollback goes back. */
export function forwardFrom({ current, target, known, stableRevision }: Ends): number | undefined {
  const isUndone = current.rollout?.status === 'rolled-back' || current.rollout?.status === 'aborted'
  const inForce = isUndone ? known.find(({ revision }) => revision === stableRevision) : current
  const running = inForce?.rollbackTo ?? inForce?.revision
  // A rollback has the content of the revision that it restored.
  const content = target.rollbackTo ?? target.revision
  return running !== undefined && running < content ? running : undefined
}
