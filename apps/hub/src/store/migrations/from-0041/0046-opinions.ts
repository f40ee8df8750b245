/** 0046: the ratings and notes of people on listings, and the rollout preset of installations. */
import type { Kysely } from 'kysely'
import { ofOrganisation, required } from '../0001/columns.ts'

export async function opinionTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('market_opinions')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('catalogue', 'text', required)
    .addColumn('listing', 'text', required)
    .addColumn('person_id', 'text', required)
    .addColumn('author', 'text', required)
    .addColumn('stars', 'integer')
    .addColumn('note', 'text')
    .addColumn('private', 'integer', required)
    .addColumn('changed_at_ms', 'bigint', required)
    .addPrimaryKeyConstraint('market_opinions_key', ['organisation_id', 'catalogue', 'listing', 'person_id'])
    .execute()
  await db.schema.alterTable('market_installations').addColumn('preset', 'text').execute()
}
