/** 0011: what hubs on one database agree about: whose it is, and which of them leads. */
import type { Kysely } from 'kysely'

/** Tables of one row each. */
export async function hubs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('hub_identity')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('authority_fingerprint', 'text', (column) => column.notNull())
    .addColumn('signing_key_id', 'text', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('hub_leader')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('epoch', 'bigint', (column) => column.notNull())
    .addColumn('hub_id', 'text', (column) => column.notNull())
    .addColumn('since_ms', 'bigint', (column) => column.notNull())
    .execute()
}
