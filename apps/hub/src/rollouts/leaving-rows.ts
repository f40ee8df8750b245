/** Leaving rows: how a query tells the devices that a deployment has given up, whose rows stay as what happened. */
import type { DeviceId } from '@skerry/contract/values/ids'
import { sql } from 'kysely'
import type { Db } from '../store/store.ts'

/** As `hasLeft` of core says it, for queries over `rollout_members` and the `rollouts` they belong to. */
export const hasLeftSql = sql<boolean>`(rollout_members.leaving is not null and (rollouts.status = 'done'
  or (rollouts.status = 'aborted' and rollout_members.outcome = 'healthy')
  or (rollouts.status in ('rolling', 'paused') and rollout_members.outcome not in ('waiting', 'skipped'))))`

/** Devices on which one deployment waits for the model's name, and all others have given it up. */
export async function contestedDevices(db: Db): Promise<DeviceId[]> {
  const rows = await db
    .selectFrom('deployment_conflicts')
    .innerJoin('deployments as waiting', 'waiting.id', 'deployment_conflicts.deployment_id')
    .innerJoin('deployment_revisions as wanted', (join) =>
      join.onRef('wanted.deployment_id', '=', 'waiting.id').onRef('wanted.revision', '=', 'waiting.revision'),
    )
    .select('deployment_conflicts.device_id')
    .distinct()
    .where(({ eb, not, exists }) =>
      not(
        exists(
          eb
            .selectFrom('rollout_members')
            .innerJoin('rollouts', 'rollouts.id', 'rollout_members.rollout_id')
            .innerJoin('deployments as owning', 'owning.rollout_id', 'rollouts.id')
            .innerJoin('deployment_revisions as given', (join) =>
              join.onRef('given.deployment_id', '=', 'owning.id').onRef('given.revision', '=', 'owning.revision'),
            )
            .select('given.model')
            .whereRef('rollout_members.device_id', '=', 'deployment_conflicts.device_id')
            .whereRef('owning.id', '<>', 'waiting.id')
            .whereRef('given.model', '=', 'wanted.model')
            .where(not(hasLeftSql)),
        ),
      ),
    )
    .execute()
  return rows.map(({ device_id }) => device_id)
}
