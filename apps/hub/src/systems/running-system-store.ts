/** Running systems: the releases that devices have as a whole, by their stages. */
import type { DeploymentId } from '@skerry/contract/values/ids'
import { padded } from '../store/many-rows.ts'
import type { Db } from '../store/store.ts'

/** Devices that have this release. No version: they are between two releases, or have none. */
export type SystemCount = { version: number | undefined; devices: number; failed: number }

/** Deployments of other kinds are absent. Revoked and wiped devices do not count. */
export async function runningSystems(
  db: Db,
  ids: readonly DeploymentId[],
): Promise<ReadonlyMap<DeploymentId, SystemCount[]>> {
  const rows = await db
    .selectFrom('system_stages as stage')
    .innerJoin('devices', 'devices.id', 'stage.device_id')
    .leftJoin('deployment_revisions as newer', (join) =>
      join.onRef('newer.deployment_id', '=', 'stage.deployment_id').onRef('newer.revision', '=', 'stage.to_revision'),
    )
    .leftJoin('deployment_revisions as older', (join) =>
      join.onRef('older.deployment_id', '=', 'stage.deployment_id').onRef('older.revision', '=', 'stage.from_revision'),
    )
    .select(['stage.deployment_id', 'stage.is_back', 'stage.is_moving'])
    .select(['newer.version as to_version', 'older.version as from_version'])
    .select(({ fn }) => [
      fn.countAll<number>().as('devices'),
      fn.countAll<number>().filterWhere('stage.failure', 'is not', null).as('failed'),
    ])
    .where('stage.deployment_id', 'in', padded([...ids]))
    .where('devices.status', 'not in', ['revoked', 'wiped', 'wiping'])
    .groupBy(['stage.deployment_id', 'stage.is_back', 'stage.is_moving', 'newer.version', 'older.version'])
    .execute()
  const found = new Map<DeploymentId, SystemCount[]>()
  for (const { deployment_id, is_back, is_moving, to_version, from_version, devices, failed } of rows) {
    const whole = (is_back === 1 ? from_version : to_version) ?? undefined
    const count = { version: is_moving === 1 ? undefined : whole, devices: Number(devices), failed: Number(failed) }
    found.set(deployment_id, [...(found.get(deployment_id) ?? []), count])
  }
  return found
}
