/** Access: keys, the sessions of browsers, roles, and approvals by a second person. */
import type { Kysely } from 'kysely'
import { ofOrganisation, onePerOrganisation, primary, required } from './columns.ts'

export async function accessTables(db: Kysely<unknown>): Promise<void> {
  await keys(db)
  await sessions(db)
  await logins(db)
  await roles(db)
  await approvalRules(db)
  await approvals(db)
  await agreedMappings(db)
}

/** Keys of machines and of people. */
async function keys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('keys')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('role', 'text', required)
    // No foreign key: a key outlives its person as a revoked record.
    .addColumn('user_id', 'text')
    .addColumn('person_id', 'text')
    .addColumn('is_multi_factor', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('secret_hash', 'text', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('expires_at_ms', 'bigint')
    .addColumn('last_used_at_ms', 'bigint')
    .addColumn('revoked_at_ms', 'bigint')
    .addUniqueConstraint('keys_name', ['organisation_id', 'name'])
    .execute()
  await db.schema.createIndex('keys_by_user').on('keys').columns(['user_id', 'organisation_id']).execute()
}

/** A session of a browser belongs to a key, and is deleted with it. */
async function sessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sessions')
    .addColumn('id_hash', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('key_id', 'text', (column) => column.notNull().references('keys.id').onDelete('cascade'))
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('expires_at_ms', 'bigint', required)
    .execute()
  await db.schema.createIndex('sessions_by_key').on('sessions').columns(['key_id', 'created_at_ms']).execute()
}

/** Command lines that request a key. */
async function logins(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('logins')
    .addColumn('secret_hash', 'text', primary)
    .addColumn('code', 'text', (column) => column.notNull().unique())
    .addColumn('device', 'text', required)
    .addColumn('source', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('key_expires_in_seconds', 'bigint', required)
    .addColumn('user_id', 'text', (column) => column.references('users.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', (column) => column.references('organisations.id'))
    .addColumn('is_multi_factor', 'integer', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('expires_at_ms', 'bigint', required)
    .execute()
  await db.schema.createIndex('logins_by_end').on('logins').columns(['expires_at_ms']).execute()
}

/** The custom roles of an organisation. */
async function roles(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('roles')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('description', 'text')
    .addColumn('permissions', 'text', required)
    .addColumn('scope', 'text')
    .addColumn('revision', 'integer', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('changed_at_ms', 'bigint', required)
    .addPrimaryKeyConstraint('roles_key', ['organisation_id', 'name'])
    .execute()
}

async function approvalRules(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('approval_rules')
    .addColumn('organisation_id', 'text', onePerOrganisation)
    .addColumn('rules', 'text', required)
    .addColumn('loosened', 'text')
    .execute()
}

/** Requests that wait for a second person. */
async function approvals(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('approvals')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('kind', 'text', required)
    .addColumn('action', 'text', required)
    .addColumn('object', 'text', required)
    .addColumn('input', 'text', required)
    .addColumn('subject', 'text', required)
    .addColumn('hands', 'text', required)
    .addColumn('asked', 'text', required)
    .addColumn('answered', 'text')
    .addColumn('reason', 'text')
    .addColumn('status', 'text', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('expires_at_ms', 'bigint', required)
    .execute()
  await db.schema
    .createIndex('approvals_by_time')
    .on('approvals')
    .columns(['organisation_id', 'created_at_ms', 'id'])
    .execute()
  await db.schema.createIndex('approvals_by_subject').on('approvals').columns(['organisation_id', 'subject']).execute()
}

/** The mappings from groups of a provider to roles that a second person has approved. */
async function agreedMappings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('agreed_mappings')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('provider', 'text', required)
    .addColumn('digest', 'text', required)
    .addColumn('approval_id', 'text', required)
    .addColumn('agreed_at_ms', 'bigint', required)
    .addPrimaryKeyConstraint('agreed_mappings_key', ['organisation_id', 'provider'])
    .execute()
}
