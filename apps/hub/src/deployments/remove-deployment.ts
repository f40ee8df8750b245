/** Remove deployment: takes a deployment off all its devices, and gives the model's name to whoever waited for it. */
import type { RolloutId } from '@skerry/contract/values/ids'
import { queueDevices } from '../desired/desired-queue.ts'
import type { Tx } from '../store/store.ts'
import { type DeploymentInForce, deleteDeployment } from './deployment-store.ts'
import { reconcileRivals } from './rivals.ts'

/** Gives how many devices it was on, and the rollouts that changed: its own, and those of rivals that took devices over. */
export async function removeDeployment(
  tx: Tx,
  deployment: DeploymentInForce,
  nowMs: number,
): Promise<{ devices: number; rolloutIds: RolloutId[] }> {
  const { organisationId, rolloutId } = deployment
  const rows = await tx.selectFrom('rollout_members').select('device_id').where('rollout_id', '=', rolloutId).execute()
  const devices = new Set(rows.map(({ device_id }) => device_id))
  await deleteDeployment(tx, deployment)
  await queueDevices(tx, organisationId, [...devices])
  const rivals = await reconcileRivals(tx, { deployment, devices, nowMs })
  return { devices: devices.size, rolloutIds: [rolloutId, ...rivals] }
}
