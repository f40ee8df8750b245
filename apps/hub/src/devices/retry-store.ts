/** Retry store: counts the retries that people have requested. */

import type { Tx } from '../store/store.ts'
import type { DeviceItemTable, DeviceTable } from '../store/tables/foundation-tables.ts'

/** Whether the device has reported a failure of the deployment, now or of a version before. */
export async function hasFailed(
  tx: Tx,
  deviceId: DeviceTable['id'],
  deploymentId: DeviceItemTable['deployment_id'],
): Promise<boolean> {
  const row = await tx
    .selectFrom('device_items')
    .select('device_id')
    .where('device_id', '=', deviceId)
    .where('deployment_id', '=', deploymentId)
    .where((eb) => eb.or([eb('state', '=', 'failed'), eb('cause', 'is not', null)]))
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
