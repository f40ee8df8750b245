/** Rivals: deployments that want the same model's name on the same device, when one of them changes. */
import type { DeviceId, RolloutId } from '@skerry/contract/values/ids'
import { findDevicesById } from '../devices/device-store.ts'
import { openDataRules } from '../places/data-rules.ts'
import { standingsOf } from '../rollouts/device-standings.ts'
import { reconcileDevice } from '../rollouts/membership.ts'
import type { Tx } from '../store/store.ts'
import { type DeploymentInForce, deploymentsInForce } from './deployment-store.ts'
import { rivalMembers } from './population.ts'

/** The rows of their items are in memory during the change: some kilobytes each. */
const DEVICES_AT_ONCE = 1_000

type Change = { deployment: DeploymentInForce; devices: ReadonlySet<DeviceId>; nowMs: number }

/**
 * Assigns each contested device to the deployment that owns it now. A device is contested if another deployment is on
 * it, or waits for it. Costs nothing if no two deployments share a model. Returns the changed rollouts.
 */
export async function reconcileRivals(tx: Tx, { deployment, devices, nowMs }: Change): Promise<RolloutId[]> {
  const { organisationId, id } = deployment
  const rivals = await rivalMembers(tx, deployment)
  const waiting = await tx
    .selectFrom('deployment_conflicts')
    .select('device_id as deviceId')
    .where('organisation_id', '=', organisationId)
    .where('deployment_id', '<>', id)
    .execute()
  const contested = new Set([...rivals, ...waiting].map(({ deviceId }) => deviceId).filter((one) => devices.has(one)))
  if (contested.size === 0) return []
  const deployments = await deploymentsInForce(tx, organisationId)
  const scope = { organisationId, deployments, dataRules: await openDataRules(tx, organisationId), nowMs }
  const changed: RolloutId[] = []
  const ids = [...contested]
  for (let start = 0; start < ids.length; start += DEVICES_AT_ONCE) {
    const chunk = ids.slice(start, start + DEVICES_AT_ONCE)
    const standingOf = await standingsOf(tx, chunk)
    for (const row of await findDevicesById(tx, chunk))
      changed.push(...(await reconcileDevice(tx, row, standingOf(row.id), scope)))
  }
  return changed
}
