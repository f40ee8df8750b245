/** Retry store: counts the retries that people have requested. */

import { FAILURES_MAX } from '@skerry/core/device/remembered-failure'
import type { Tx } from '../store/store.ts'
import type { DeviceItemTable, DeviceTable } from '../store/tables/foundation-tables.ts'
import { rememberedCause } from './remembered-store.ts'

/** Whether the device has reported a failure of the deployment, or remembers one of a version that it has left. */
export async function hasFailed(
  tx: Tx,
  deviceId: DeviceTable['id'],
  deploymentId: DeviceItemTable['deployment_id'],
): Promise<boolean> {
  const row = await tx
    .selectFrom('device_items')
    .innerJoin('deployments', 'deployments.id', 'device_items.deployment_id')
    .select('device_items.device_id')
    .where('device_items.device_id', '=', deviceId)
    .where('device_items.deployment_id', '=', deploymentId)
    .where((eb) =>
      eb.or([
        eb('device_items.state', '=', 'failed'),
        eb('device_items.cause', 'is not', null),
        eb(rememberedCause(FAILURES_MAX), 'is not', null),
      ]),
    )
    .executeTakeFirst()
  return row !== undefined || (await hasReturned(tx, deviceId, deploymentId))
}

/** Whether the device has returned a system release of the deployment, because a part failed. */
async function hasReturned(
  tx: Tx,
  deviceId: DeviceTable['id'],
  deploymentId: DeviceItemTable['deployment_id'],
): Promise<boolean> {
  const row = await tx
    .selectFrom('system_stages')
    .select('device_id')
    .where('device_id', '=', deviceId)
    .where('deployment_id', '=', deploymentId)
    .where('failure', 'is not', null)
    .executeTakeFirst()
  return row !== undefined
}

/** Increments and returns the number of requested retries of the deployment on the device. */
export async function raiseRetryToken(
  tx: Tx,
  { organisation_id, id }: DeviceTable,
  deploymentId: DeviceItemTable['deployment_id'],
): Promise<number> {
  const row = await tx
    .insertInto('device_retries')
    .values({ device_id: id, deployment_id: deploymentId, organisation_id, retry_token: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(['device_id', 'deployment_id'])
        .doUpdateSet((set) => ({ retry_token: set('device_retries.retry_token', '+', 1) })),
    )
    .returning('retry_token')
    .executeTakeFirstOrThrow()
  return row.retry_token
}
