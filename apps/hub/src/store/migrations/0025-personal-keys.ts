/** 0025: keys of people, and command lines that ask for one. */
import type { Kysely } from 'kysely'

export async function personalKeys(db: Kysely<unknown>): Promise<void> {
  // Whose it is. No reference: a key outlives its person as a record that is revoked.
  await db.schema.alterTable('keys').addColumn('user_id', 'text').execute()
  await db.schema
    .alterTable('keys')
    .addColumn('is_multi_factor', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  await db.schema.createIndex('keys_by_user').on('keys').columns(['user_id', 'organisation_id']).execute()
  await db.schema
    .createTable('logins')
    .addColumn('secret_hash', 'text', (column) => column.primaryKey())
    .addColumn('code', 'text', (column) => column.notNull().unique())
    .addColumn('device', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('key_expires_in_seconds', 'bigint', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.references('users.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', (column) => column.references('organisations.id'))
    .addColumn('is_multi_factor', 'integer', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('logins_by_end').on('logins').column('expires_at_ms').execute()
}
