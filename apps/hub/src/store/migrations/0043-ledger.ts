/** 0043: which database this is, which removed devices and tokens must not come back, and which model files wait for their end. */
import { type Kysely, sql } from 'kysely'

export async function ledger(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('hub_ledger')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('database_id', 'text', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('restored_at_ms', 'bigint')
    .addColumn('trouble', 'text')
    .execute()
  await db.schema
    .createTable('ended_records')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .execute()
  await db.schema
    .createTable('removed_blobs')
    .addColumn('digest', 'text', (column) => column.primaryKey())
    .addColumn('removed_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('removed_blobs_by_time').on('removed_blobs').column('removed_at_ms').execute()
  // The ledger lists these after each change; most of a fleet is not among them.
  await db.schema
    .createIndex('devices_ended')
    .on('devices')
    .columns(['status'])
    .where(sql<boolean>`status in ('revoked', 'wiped', 'wiping', 'quarantined')`)
    .execute()
}
