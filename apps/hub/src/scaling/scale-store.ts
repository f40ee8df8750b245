/** Scale store: the number of replicas of placements that follow the load. */
import type { Placement } from '@skerry/contract/places/placement'
import type { DeploymentId, OrganisationId } from '@skerry/contract/values/ids'
import type { Db, Tx } from '../store/store.ts'
import type { PlacementScaleTable } from '../store/tables/place-tables.ts'

export function scaleRowOf(db: Db, id: DeploymentId): Promise<PlacementScaleTable | undefined> {
  return db.selectFrom('placement_scales').selectAll().where('deployment_id', '=', id).executeTakeFirst()
}

export async function keepScale(tx: Tx, row: PlacementScaleTable): Promise<void> {
  const { deployment_id: _, organisation_id: __, ...values } = row
  await tx
    .insertInto('placement_scales')
    .values(row)
    .onConflict((conflict) => conflict.column('deployment_id').doUpdateSet(values))
    .execute()
}

type Scaled = { id: DeploymentId; organisationId: OrganisationId }

/** The policy with the number of replicas that its scale has now. */
export async function scaledPlacement(db: Db, { id }: Pick<Scaled, 'id'>, policy: Placement): Promise<Placement> {
  if (!policy.scaling) return policy
  const row = await scaleRowOf(db, id)
  return { ...policy, replicas: clampedReplicas(policy, row?.replicas) }
}

/** A changed policy counts at once. Without a scale yet, it begins with `replicas`, or with `min`. */
export function clampedReplicas({ scaling, replicas }: Placement, present: number | undefined): number {
  const first = typeof replicas === 'number' ? replicas : 1
  const { min, max } = scaling ?? { min: first, max: first }
  return Math.min(max, Math.max(min, present ?? (typeof replicas === 'number' ? replicas : min)))
}
