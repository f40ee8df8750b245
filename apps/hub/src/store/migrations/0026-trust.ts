/** 0026: signing keys, whose signatures models need, and signatures of publishers. */
import type { Kysely } from 'kysely'

/** The signatures of a version go with it. */
export async function trust(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('signing_keys')
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('public_key_pem', 'text', (column) => column.notNull())
    .addColumn('private_key', 'text')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('changed_at_ms', 'bigint')
    .addColumn('changed_by', 'text')
    .addColumn('reason', 'text')
    .addPrimaryKeyConstraint('signing_keys_key', ['organisation_id', 'key_id'])
    .addUniqueConstraint('signing_keys_by_name', ['organisation_id', 'name'])
    .execute()
  await db.schema
    .createTable('trust_policies')
    .addColumn('organisation_id', 'text', (column) => column.primaryKey().references('organisations.id'))
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .addColumn('rules', 'text', (column) => column.notNull())
    .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_by', 'text', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('version_signatures')
    .addColumn('version_id', 'text', (column) => column.notNull().references('versions.id').onDelete('cascade'))
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('bundle', 'text', (column) => column.notNull())
    .addColumn('added_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('added_by', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('version_signatures_key', ['version_id', 'key_id'])
    .execute()
}
