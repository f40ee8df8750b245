/** 0041: what devices say of the queue that each has for the hub. */
import type { Kysely } from 'kysely'

export async function hubQueues(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('device_connections').addColumn('hub_queue', 'text').execute()
}
