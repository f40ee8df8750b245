/**
 * People: their ways to sign in, their memberships, and invitations.
 *
 * `users`, `user_accounts`, `user_sessions` and `user_verifications` belong to better-auth. Its columns have Skerry's
 * names, and a test compares them with the columns that it expects. Its instants are text (ISO 8601, UTC), so that both
 * databases store them alike.
 */
import type { Kysely } from 'kysely'
import { ofOrganisation, ofUser, onePerOrganisation, primary, required } from './columns.ts'

export async function peopleTables(db: Kysely<unknown>): Promise<void> {
  await users(db)
  await userAccounts(db)
  await userVerifications(db)
  await userSessions(db)
  await memberships(db)
  await invitations(db)
  await secondFactors(db)
  await recoveryCodes(db)
  await passkeys(db)
  await knownPlaces(db)
  await signInFailures(db)
  await signInRules(db)
  await spentTickets(db)
}

async function users(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('id', 'text', primary)
    .addColumn('name', 'text', required)
    .addColumn('email', 'text', (column) => column.notNull().unique())
    .addColumn('email_verified', 'integer', required)
    .addColumn('links_by_address', 'integer', (column) => column.notNull().defaultTo(1))
    .addColumn('vouched_by', 'text')
    .addColumn('image', 'text')
    .addColumn('created_at', 'text', required)
    .addColumn('updated_at', 'text', required)
    .execute()
}

async function userAccounts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('user_accounts')
    .addColumn('id', 'text', primary)
    .addColumn('account_id', 'text', required)
    .addColumn('provider_id', 'text', required)
    .addColumn('user_id', 'text', ofUser)
    .addColumn('access_token', 'text')
    .addColumn('refresh_token', 'text')
    .addColumn('id_token', 'text')
    .addColumn('access_token_expires_at', 'text')
    .addColumn('refresh_token_expires_at', 'text')
    .addColumn('scope', 'text')
    .addColumn('password', 'text')
    .addColumn('created_at', 'text', required)
    .addColumn('updated_at', 'text', required)
    .addUniqueConstraint('user_accounts_once', ['provider_id', 'account_id'])
    .execute()
  await db.schema.createIndex('user_accounts_by_user').on('user_accounts').columns(['user_id']).execute()
}

async function userVerifications(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('user_verifications')
    .addColumn('id', 'text', primary)
    .addColumn('identifier', 'text', required)
    .addColumn('value', 'text', required)
    .addColumn('expires_at', 'text', required)
    .addColumn('created_at', 'text', required)
    .addColumn('updated_at', 'text', required)
    .execute()
  await db.schema
    .createIndex('user_verifications_by_identifier')
    .on('user_verifications')
    .columns(['identifier'])
    .execute()
  await db.schema.createIndex('user_verifications_by_value').on('user_verifications').columns(['value']).execute()
}

async function userSessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('user_sessions')
    .addColumn('id', 'text', primary)
    .addColumn('token', 'text', (column) => column.notNull().unique())
    .addColumn('user_id', 'text', ofUser)
    .addColumn('organisation_id', 'text', ofOrganisation)
    // The method that began the session.
    .addColumn('method', 'text', (column) => column.notNull().defaultTo('password'))
    .addColumn('is_multi_factor', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('enrolled_in', 'text')
    .addColumn('expires_at', 'text', required)
    .addColumn('ip_address', 'text')
    .addColumn('user_agent', 'text')
    .addColumn('created_at', 'text', required)
    .addColumn('updated_at', 'text', required)
    .execute()
  await db.schema
    .createIndex('user_sessions_by_user')
    .on('user_sessions')
    .columns(['user_id', 'organisation_id'])
    .execute()
  await db.schema.createIndex('user_sessions_by_end').on('user_sessions').columns(['expires_at']).execute()
}

async function memberships(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('memberships')
    .addColumn('user_id', 'text', ofUser)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('role', 'text', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addPrimaryKeyConstraint('memberships_key', ['user_id', 'organisation_id'])
    .execute()
  await db.schema.createIndex('memberships_by_organisation').on('memberships').columns(['organisation_id']).execute()
}

async function invitations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('invitations')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('secret_hash', 'text', required)
    .addColumn('role', 'text', required)
    .addColumn('email', 'text')
    .addColumn('uses_max', 'integer', required)
    .addColumn('uses', 'integer', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('expires_at_ms', 'bigint', required)
    .execute()
  await db.schema.createIndex('invitations_by_organisation').on('invitations').columns(['organisation_id']).execute()
}

async function secondFactors(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('second_factors')
    .addColumn('user_id', 'text', (column) => column.primaryKey().references('users.id').onDelete('cascade'))
    .addColumn('secret_sealed', 'text', required)
    .addColumn('confirmed_at_ms', 'bigint')
    .addColumn('last_step', 'bigint', required)
    .execute()
}

async function recoveryCodes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('recovery_codes')
    .addColumn('user_id', 'text', ofUser)
    .addColumn('code_hash', 'text', required)
    .addPrimaryKeyConstraint('recovery_codes_key', ['user_id', 'code_hash'])
    .execute()
}

async function passkeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('passkeys')
    .addColumn('id', 'text', primary)
    .addColumn('user_id', 'text', ofUser)
    .addColumn('credential_id', 'text', (column) => column.notNull().unique())
    .addColumn('public_key', 'text', required)
    .addColumn('counter', 'bigint', required)
    .addColumn('transports', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('is_synced', 'integer', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('last_used_at_ms', 'bigint')
    .execute()
  await db.schema.createIndex('passkeys_by_user').on('passkeys').columns(['user_id']).execute()
}

/** Places from which a person has signed in. */
async function knownPlaces(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('known_places')
    .addColumn('user_id', 'text', ofUser)
    .addColumn('place_hash', 'text', required)
    .addColumn('seen_at_ms', 'bigint', required)
    .addPrimaryKeyConstraint('known_places_key', ['user_id', 'place_hash'])
    .execute()
}

async function signInFailures(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sign_in_failures')
    .addColumn('email_hash', 'text', primary)
    .addColumn('failures', 'integer', required)
    .addColumn('failed_at_ms', 'bigint', required)
    .execute()
  await db.schema.createIndex('sign_in_failures_by_time').on('sign_in_failures').columns(['failed_at_ms']).execute()
}

/** `idle_lock_seconds`: the time without activity after which a session is locked. */
async function signInRules(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sign_in_rules')
    .addColumn('organisation_id', 'text', onePerOrganisation)
    .addColumn('second_factor_for', 'text', required)
    .addColumn('idle_lock_seconds', 'integer')
    .execute()
}

/** Tickets that were spent, because each counts once. */
async function spentTickets(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('spent_tickets')
    .addColumn('ticket_hash', 'text', primary)
    .addColumn('expires_at_ms', 'bigint', required)
    .execute()
  await db.schema.createIndex('spent_tickets_by_end').on('spent_tickets').columns(['expires_at_ms']).execute()
}
