/** Desired queue: devices whose document may have changed. Put into it with the change, taken out of it with the document. */
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { Db, Tx } from '../store/store.ts'

/** Rows that one statement may carry: SQLite binds 32,766 values at most, PostgreSQL twice that. */
const ROWS_PER_STATEMENT = 1_000

/** Has the documents of these devices derived again. */
export async function queueDevices(tx: Tx, organisationId: OrganisationId, ids: readonly DeviceId[]): Promise<void> {
  for (let start = 0; start < ids.length; start += ROWS_PER_STATEMENT) {
    const rows = ids
      .slice(start, start + ROWS_PER_STATEMENT)
      .map((id) => ({ device_id: id, organisation_id: organisationId }))
    await tx
      .insertInto('desired_queue')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

/** The next devices of the queue, by id. */
export async function queuedDevices(
  db: Db,
  { after, limit }: { after: DeviceId | undefined; limit: number },
): Promise<DeviceId[]> {
  const rows = await db
    .selectFrom('desired_queue')
    .select('device_id')
    .$if(after !== undefined, (select) => select.where('device_id', '>', after as DeviceId))
    .orderBy('device_id')
    .limit(limit)
    .execute()
  return rows.map(({ device_id }) => device_id)
}

/** Takes devices out of the queue. */
export async function dequeueDevices(tx: Tx, ids: readonly DeviceId[]): Promise<void> {
  if (ids.length > 0) await tx.deleteFrom('desired_queue').where('device_id', 'in', ids).execute()
}
