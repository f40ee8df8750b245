/** 0022: how a session came to be, whether with more than one factor, and what counts once. */
import { type Kysely, sql } from 'kysely'

export async function singleSignOn(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('user_sessions')
    .addColumn('method', 'text', (column) => column.notNull().defaultTo('password'))
    .execute()
  await db.schema
    .alterTable('user_sessions')
    .addColumn('is_multi_factor', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  // Until now a session of somebody who has a second factor was begun with it, or outlived its set-up.
  await sql`update user_sessions set is_multi_factor = 1
    where user_id in (select user_id from second_factors where confirmed_at_ms is not null)`.execute(db)
  await db.schema
    .createTable('spent_tickets')
    .addColumn('ticket_hash', 'text', (column) => column.primaryKey())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('spent_tickets_by_end').on('spent_tickets').column('expires_at_ms').execute()
}
