/** Conflicts: the devices that an older deployment of the same model keeps from a deployment. */
import type { DeploymentConflict } from '@skerry/contract/deployments/deployment'
import { compareAge } from '@skerry/core/devices/desired'
import type { Db } from '../store/store.ts'
import type { DeploymentInForce } from './deployment-store.ts'
import { rivalMembers } from './population.ts'

export type ConflictQuery = { limit: number; after: string | undefined }

/** One page of them, by the device's name. */
export async function listConflicts(
  db: Db,
  deployment: DeploymentInForce,
  { limit, after }: ConflictQuery,
): Promise<DeploymentConflict[]> {
  const rows = await db
    .selectFrom('deployment_conflicts')
    .innerJoin('devices', 'devices.id', 'deployment_conflicts.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .select(['devices.id', 'devices.name', 'sites.name as site'])
    .where('deployment_conflicts.deployment_id', '=', deployment.id)
    .$if(after !== undefined, (select) => select.where('devices.name', '>', after ?? ''))
    .orderBy('devices.name')
    .limit(limit)
    .execute()
  if (rows.length === 0) return []
  const rivals = await rivalMembers(db, deployment)
  const older = rivals.filter((rival) => compareAge(rival, deployment) < 0)
  const owners = new Map(older.map(({ deviceId, name }) => [deviceId, name]))
  return rows.map((row) => {
    const owner = owners.get(row.id)
    return { ...row, ...(owner === undefined ? {} : { owner }) }
  })
}
