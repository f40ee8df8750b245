/** 0024: intrusion detection: how far each trail was read, what was counted of whom, what was found, and what is set. */
import { type Kysely, sql } from 'kysely'

export async function intrusions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('intrusion_cursors')
    .addColumn('organisation_id', 'text', (column) => column.primaryKey().references('organisations.id'))
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .execute()
  // What happened before there was detection is history, and no news.
  await sql`insert into intrusion_cursors (organisation_id, sequence)
    select organisation_id, max(sequence) from audit_records group by organisation_id`.execute(db)
  await db.schema
    .createTable('intrusion_tallies')
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('rule', 'text', (column) => column.notNull())
    .addColumn('subject_id', 'text', (column) => column.notNull())
    .addColumn('tally', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('intrusion_tallies_key', ['organisation_id', 'rule', 'subject_id'])
    .execute()
  await db.schema.createIndex('intrusion_tallies_by_time').on('intrusion_tallies').column('at_ms').execute()
  await findings(db)
  await db.schema
    .createTable('intrusion_settings')
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('rule', 'text', (column) => column.notNull())
    .addColumn('is_on', 'integer', (column) => column.notNull())
    .addColumn('threshold', 'integer', (column) => column.notNull())
    .addColumn('response', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('intrusion_settings_key', ['organisation_id', 'rule'])
    .execute()
}

async function findings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('intrusions')
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('rule', 'text', (column) => column.notNull())
    .addColumn('subject_kind', 'text', (column) => column.notNull())
    .addColumn('subject_id', 'text', (column) => column.notNull())
    .addColumn('subject_name', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('threshold', 'integer', (column) => column.notNull())
    .addColumn('tally', 'text', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('response_state', 'text', (column) => column.notNull())
    .addColumn('responded_at_ms', 'bigint')
    .addColumn('found_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('told_at_ms', 'bigint')
    .addColumn('closed', 'text')
    .execute()
  await db.schema
    .createIndex('intrusions_by_sequence')
    .on('intrusions')
    .columns(['organisation_id', 'status', 'sequence'])
    .execute()
  await db.schema.createIndex('intrusions_by_time').on('intrusions').column('found_at_ms').execute()
  await db.schema
    .createIndex('intrusions_by_subject')
    .on('intrusions')
    .columns(['organisation_id', 'rule', 'subject_id', 'status'])
    .execute()
}
