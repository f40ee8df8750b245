/** Retry store: how often people have asked devices to try again. */

import type { Tx } from '../store/store.ts'
import type { DeviceItemTable, DeviceTable } from '../store/tables/foundation-tables.ts'

/** How often a person has asked the device to try the deployment again, this time included. */
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
