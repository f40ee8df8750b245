/** Intrusions: the position in each trail, the counts of each subject, the findings, and the settings. */
import type { Kysely } from 'kysely'
import { ofOrganisation, onePerOrganisation, primary, required } from './columns.ts'

export async function intrusionTables(db: Kysely<unknown>): Promise<void> {
  await intrusionCursors(db)
  await intrusionTallies(db)
  await intrusions(db)
  await intrusionSettings(db)
  await intrusionWebhooks(db)
}

async function intrusionCursors(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('intrusion_cursors')
    .addColumn('organisation_id', 'text', onePerOrganisation)
    .addColumn('sequence', 'bigint', required)
    .execute()
}

async function intrusionTallies(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('intrusion_tallies')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('rule', 'text', required)
    .addColumn('subject_id', 'text', required)
    .addColumn('tally', 'text', required)
    .addColumn('at_ms', 'bigint', required)
    .addPrimaryKeyConstraint('intrusion_tallies_key', ['organisation_id', 'rule', 'subject_id'])
    .execute()
  await db.schema.createIndex('intrusion_tallies_by_time').on('intrusion_tallies').columns(['at_ms']).execute()
}

async function intrusions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('intrusions')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('rule', 'text', required)
    .addColumn('subject_kind', 'text', required)
    .addColumn('subject_id', 'text', required)
    .addColumn('subject_name', 'text', required)
    .addColumn('status', 'text', required)
    .addColumn('threshold', 'integer', required)
    .addColumn('tally', 'text', required)
    .addColumn('sequence', 'bigint', required)
    .addColumn('response_state', 'text', required)
    .addColumn('responded_at_ms', 'bigint')
    .addColumn('found_at_ms', 'bigint', required)
    .addColumn('told_at_ms', 'bigint')
    .addColumn('closed', 'text')
    .execute()
  await db.schema
    .createIndex('intrusions_by_sequence')
    .on('intrusions')
    .columns(['organisation_id', 'status', 'sequence'])
    .execute()
  await db.schema.createIndex('intrusions_by_time').on('intrusions').columns(['found_at_ms']).execute()
  await db.schema
    .createIndex('intrusions_by_subject')
    .on('intrusions')
    .columns(['organisation_id', 'rule', 'subject_id', 'status'])
    .execute()
  // The leader looks for the webhook's pending findings every second, including dismissed ones.
  await db.schema
    .createIndex('intrusions_by_place')
    .on('intrusions')
    .columns(['organisation_id', 'sequence', 'id'])
    .execute()
}

async function intrusionSettings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('intrusion_settings')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('rule', 'text', required)
    .addColumn('is_on', 'integer', required)
    .addColumn('threshold', 'integer', required)
    .addColumn('response', 'text', required)
    .addPrimaryKeyConstraint('intrusion_settings_key', ['organisation_id', 'rule'])
    .execute()
}

/** The webhook of each organisation, and the last finding that it has. */
async function intrusionWebhooks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('intrusion_webhooks')
    .addColumn('organisation_id', 'text', onePerOrganisation)
    .addColumn('url', 'text', required)
    .addColumn('secret', 'text', required)
    .addColumn('revision', 'bigint', required)
    .addColumn('done_sequence', 'bigint', required)
    .addColumn('done_id', 'text', required)
    .addColumn('sent_at_ms', 'bigint')
    .addColumn('problem', 'text')
    .addColumn('given_up', 'text', required)
    .execute()
}
