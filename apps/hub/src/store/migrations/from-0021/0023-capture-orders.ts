/** 0023: the rows that a monitor orders from the devices of its model. */
import type { Kysely } from 'kysely'

export async function captureOrders(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('captures').addColumn('ordered', 'text').execute()
}
