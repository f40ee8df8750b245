/** Publish rollouts: tells whoever watches rollouts, and the engine, that they changed. After the commit. */
import type { RolloutId } from '@skerry/contract/values/ids'
import type { Hub } from '../hub.ts'

/** Each rollout once. */
export function publishRollouts({ bus }: Pick<Hub, 'bus'>, ids: readonly RolloutId[]): void {
  for (const id of new Set(ids)) bus.publish('rollout.changed', id)
}
