/** 0034: authorities that sign devices' certificates, one after another; what the hub keeps encrypted for itself; and whose certificate each device shows. */
import type { Kysely } from 'kysely'

export async function authorities(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('authorities')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('request_pem', 'text')
    .addColumn('chain_pem', 'text')
    .addColumn('renew_within_ms', 'bigint', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('activated_at_ms', 'bigint')
    .addColumn('retired_at_ms', 'bigint')
    .execute()
  await db.schema
    .createTable('hub_values')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('sealed', 'text', (column) => column.notNull())
    .execute()
  await db.schema.alterTable('devices').addColumn('shown_authority', 'text').execute()
}
