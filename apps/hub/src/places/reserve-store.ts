/**
 * Reserve store: the devices that deployments must leave to others, or must not take, as rows. So each hub, and each
 * explanation, decides with the same facts as the placer.
 */
import type { DeploymentId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { Reserves } from '@skerry/core/places/relief'
import { piecesOf } from '../store/many-rows.ts'
import type { Db, Store } from '../store/store.ts'
import type { PlacementReserveTable } from '../store/tables/place-tables.ts'

export async function reservedOf(db: Db, { id }: { id: DeploymentId }): Promise<ReadonlySet<DeviceId>> {
  const rows = await db.selectFrom('placement_reserves').select('device_id').where('deployment_id', '=', id).execute()
  return new Set(rows.map(({ device_id }) => device_id))
}

/** False if the rows were the same already. Then nothing is written: the placer looks every few seconds. */
export async function keepReserves(
  store: Pick<Store, 'db' | 'transaction'>,
  organisationId: OrganisationId,
  reserves: Reserves,
): Promise<boolean> {
  const stored = await store.db
    .selectFrom('placement_reserves')
    .select(['deployment_id', 'device_id'])
    .where('organisation_id', '=', organisationId)
    .execute()
  const rows = [...reserves].flatMap(([deploymentId, devices]) =>
    [...devices].map(
      (deviceId): PlacementReserveTable => ({
        deployment_id: deploymentId as DeploymentId,
        device_id: deviceId,
        organisation_id: organisationId,
      }),
    ),
  )
  const keyOf = (row: Pick<PlacementReserveTable, 'deployment_id' | 'device_id'>) =>
    `${row.deployment_id} ${row.device_id}`
  const known = new Set(stored.map(keyOf))
  if (rows.length === stored.length && rows.every((row) => known.has(keyOf(row)))) return false
  await store.transaction(async (tx) => {
    await tx.deleteFrom('placement_reserves').where('organisation_id', '=', organisationId).execute()
    for (const piece of piecesOf(rows)) await tx.insertInto('placement_reserves').values(piece).execute()
  })
  return true
}
