/** Publish rollouts: notifies the watchers of rollouts, and the engine, of a change. Call it after the commit. */
import type { RolloutId } from '@skerry/contract/values/ids'
import type { Hub } from '../hub.ts'

/** Publishes each rollout only once. */
export function publishRollouts({ bus }: Pick<Hub, 'bus'>, ids: readonly RolloutId[]): void {
  for (const id of new Set(ids)) bus.publish('rollout.changed', id)
}
