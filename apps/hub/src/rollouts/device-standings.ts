/**
 * Device standings: the stored facts about devices before their memberships are updated. They are read for many devices
 * at once, because each query to a remote database is a round trip.
 */

import type { RolloutStatus } from '@skerry/contract/rollouts/rollout'
import type { DeploymentId, DeviceId, RolloutId } from '@skerry/contract/values/ids'
import type { Tx } from '../store/store.ts'
import type { RolloutMemberTable } from '../store/tables/deployment-tables.ts'

/** A device's row, and the state of the rollout that it belongs to. */
export type MemberStanding = RolloutMemberTable & { rollout_status: RolloutStatus }

export type DeviceStanding = {
  /** Its rows in the rollouts that are in force. */
  members: ReadonlyMap<RolloutId, MemberStanding>
  /** By model, the digest of the version that it serves. */
  held: ReadonlyMap<string, string | null>
  /** Deployments that want a model's name that another one owns there. */
  conflicts: ReadonlySet<DeploymentId>
  /** Deployments whose placement policy has picked it. */
  picks: ReadonlySet<DeploymentId>
}

/** Returns the standing of each device. At most as many as one statement allows. */
export async function standingsOf(tx: Tx, ids: readonly DeviceId[]): Promise<(id: DeviceId) => DeviceStanding> {
  if (ids.length === 0) return () => nothing()
  const standings = new Map(ids.map((id) => [id, nothing()]))
  for (const row of await membersOf(tx, ids)) standings.get(row.device_id)?.members.set(row.rollout_id, row)
  const items = tx.selectFrom('device_items').select(['device_id', 'name', 'serving_digest'])
  for (const row of await items.where('device_id', 'in', ids).execute())
    standings.get(row.device_id)?.held.set(row.name, row.serving_digest)
  const conflicts = tx.selectFrom('deployment_conflicts').select(['device_id', 'deployment_id'])
  for (const row of await conflicts.where('device_id', 'in', ids).execute())
    standings.get(row.device_id)?.conflicts.add(row.deployment_id)
  const picks = tx.selectFrom('placement_picks').select(['device_id', 'deployment_id'])
  for (const row of await picks.where('device_id', 'in', ids).execute())
    standings.get(row.device_id)?.picks.add(row.deployment_id)
  return (id) => standings.get(id) ?? nothing()
}

const nothing = () => ({
  members: new Map<RolloutId, MemberStanding>(),
  held: new Map<string, string | null>(),
  conflicts: new Set<DeploymentId>(),
  picks: new Set<DeploymentId>(),
})

/** Their rows in the rollouts that are in force. */
export function membersOf(tx: Tx, ids: readonly DeviceId[]): Promise<MemberStanding[]> {
  return tx
    .selectFrom('rollout_members')
    .innerJoin('deployments', 'deployments.rollout_id', 'rollout_members.rollout_id')
    .innerJoin('rollouts', 'rollouts.id', 'rollout_members.rollout_id')
    .selectAll('rollout_members')
    .select('rollouts.status as rollout_status')
    .where('rollout_members.device_id', 'in', ids)
    .execute()
}
