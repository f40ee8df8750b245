/** Leaving rows: how a query tells the devices that a deployment has given up, whose rows stay as what happened. */
import type { DeviceId } from '@skerry/contract/ids'
import { sql } from 'kysely'
import type { Db } from '../store/store.ts'

/** As `hasLeft` of core says it, for queries over `rollout_members` and the `rollouts` they belong to. */
export const hasLeftSql = sql<boolean>`(rollout_members.leaving is not null and (rollouts.status = 'done'
  or (rollouts.status = 'aborted' and rollout_members.outcome = 'healthy')
  or (rollouts.status in ('rolling', 'paused') and rollout_members.outcome not in ('waiting', 'skipped'))))`

/** Devices that one deployment has given up, and on which another waits for the model's name. */
export async function contestedDevices(db: Db): Promise<DeviceId[]> {
  const rows = await db
    .selectFrom('deployment_conflicts')
    .innerJoin('rollout_members', 'rollout_members.device_id', 'deployment_conflicts.device_id')
    .innerJoin('deployments', 'deployments.rollout_id', 'rollout_members.rollout_id')
    .innerJoin('rollouts', 'rollouts.id', 'rollout_members.rollout_id')
    .select('deployment_conflicts.device_id')
    .distinct()
    .whereRef('deployments.id', '<>', 'deployment_conflicts.deployment_id')
    .where(hasLeftSql)
    .execute()
  return rows.map(({ device_id }) => device_id)
}
