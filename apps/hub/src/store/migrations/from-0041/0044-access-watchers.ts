/** 0044: the people who watch terminals of others, with the time at which each fetched the newest part. */
import type { Kysely } from 'kysely'
import { ofOrganisation, required } from '../0001/columns.ts'

export async function accessWatchers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('access_watchers')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('session_id', 'text', (column) => column.notNull().references('access_sessions.id').onDelete('cascade'))
    .addColumn('person_id', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('seen_at_ms', 'bigint', required)
    .addPrimaryKeyConstraint('access_watchers_key', ['session_id', 'person_id'])
    .execute()
}
