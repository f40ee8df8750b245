/** 0046: the kind of each item that a device reports. */
import type { Kysely } from 'kysely'

export async function itemKinds(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('device_items')
    .addColumn('kind', 'text', (column) => column.notNull().defaultTo('model'))
    .execute()
}
