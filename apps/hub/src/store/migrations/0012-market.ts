/** 0012: subscribed catalogues with their last good index, and installations. */
import type { Kysely } from 'kysely'
import { ofOrganisation, required } from './0001/columns.ts'

export async function marketTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('market_catalogues')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('keys', 'text', required)
    .addColumn('signatures', 'integer', required)
    .addColumn('added_at_ms', 'bigint', required)
    .addColumn('added_by', 'text', required)
    // The last good index, null before the first one.
    .addColumn('index_version', 'bigint')
    .addColumn('index_digest', 'text')
    .addColumn('index_text', 'text')
    .addColumn('listings', 'integer', required)
    .addColumn('expires_at_ms', 'bigint')
    .addColumn('checked_at_ms', 'bigint')
    .addColumn('problem', 'text')
    .addPrimaryKeyConstraint('market_catalogues_key', ['organisation_id', 'name'])
    .execute()
  await db.schema
    .createTable('market_installations')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('catalogue', 'text', required)
    .addColumn('listing', 'text', required)
    .addColumn('title', 'text', required)
    .addColumn('version', 'text', required)
    .addColumn('digest', 'text', required)
    .addColumn('channel', 'text', required)
    .addColumn('settings', 'text', required)
    .addColumn('selector', 'text', required)
    .addColumn('scope', 'text', required)
    .addColumn('accepted', 'text', required)
    .addColumn('objects', 'text', required)
    .addColumn('changed_at_ms', 'bigint', required)
    .addColumn('changed_by', 'text', required)
    .addPrimaryKeyConstraint('market_installations_key', ['organisation_id', 'name'])
    .execute()
}
