/** 0037: which webhook each organisation has told of findings, and how far that has got. */
import type { Kysely } from 'kysely'

export async function intrusionWebhooks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('intrusion_webhooks')
    .addColumn('organisation_id', 'text', (column) => column.primaryKey().references('organisations.id'))
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .addColumn('done_sequence', 'bigint', (column) => column.notNull())
    .addColumn('done_id', 'text', (column) => column.notNull())
    .addColumn('sent_at_ms', 'bigint')
    .addColumn('problem', 'text')
    .addColumn('given_up', 'text', (column) => column.notNull())
    .execute()
  // What waits is looked for every second, dismissed or not.
  await db.schema
    .createIndex('intrusions_by_place')
    .on('intrusions')
    .columns(['organisation_id', 'sequence', 'id'])
    .execute()
}
