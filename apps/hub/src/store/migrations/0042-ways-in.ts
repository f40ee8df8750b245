/** 0042: how far each way in to an account reaches: providers, second factors that were just set up, and places that a person signs in from. */
import type { Kysely } from 'kysely'

export async function waysIn(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  await schema
    .alterTable('users')
    .addColumn('links_by_address', 'integer', (column) => column.notNull().defaultTo(1))
    .execute()
  await schema.alterTable('users').addColumn('vouched_by', 'text').execute()
  await schema.alterTable('user_sessions').addColumn('enrolled_in', 'text').execute()
  await schema
    .createTable('known_places')
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('place_hash', 'text', (column) => column.notNull())
    .addColumn('seen_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('known_places_key', ['user_id', 'place_hash'])
    .execute()
}
