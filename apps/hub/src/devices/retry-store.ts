/** Retry store: counts the retries that people have requested. */

import type { Tx } from '../store/store.ts'
import type { DeviceItemTable, DeviceTable } from '../store/tables/foundation-tables.ts'

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
