/** Audit: the trail, its signed checkpoints and archives, and its syslog receivers. */
import { type Kysely, sql } from 'kysely'
import { ofOrganisation, onePerOrganisation, primary, required } from './columns.ts'

export async function auditTables(db: Kysely<unknown>): Promise<void> {
  await auditRecords(db)
  await auditKeys(db)
  await auditCheckpoints(db)
  await auditArchives(db)
  await auditRetention(db)
  await syslogExports(db)
}

/** `action_noun`, `actor_id` and `actor_name` repeat values of the record for the indexes; no hash covers them. */
async function auditRecords(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_records')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('sequence', 'bigint', required)
    .addColumn('at_ms', 'bigint', required)
    .addColumn('actor', 'text', required)
    .addColumn('actor_id', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('actor_name', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('action', 'text', required)
    .addColumn('action_noun', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('object_kind', 'text', required)
    .addColumn('object_id', 'text', required)
    .addColumn('source', 'text')
    .addColumn('result', 'text', required)
    .addColumn('detail', 'text', required)
    .addColumn('previous_hash', 'text', required)
    .addColumn('hash', 'text', required)
    .addPrimaryKeyConstraint('audit_records_key', ['organisation_id', 'sequence'])
    .execute()
  await auditIndexes(db)
}

/** A filtered trail is listed by time, so each index ends with the time. */
async function auditIndexes(db: Kysely<unknown>): Promise<void> {
  const byTime = ['at_ms', 'sequence']
  for (const column of ['action', 'action_noun', 'object_id', 'actor_id', 'actor_name']) {
    await db.schema
      .createIndex(`audit_records_by_${column}`)
      .on('audit_records')
      .columns(['organisation_id', column, ...byTime])
      .execute()
  }
  await db.schema
    .createIndex('audit_records_by_time')
    .on('audit_records')
    .columns(['organisation_id', ...byTime])
    .execute()
  await db.schema
    .createIndex('audit_records_refused')
    .on('audit_records')
    .columns(['organisation_id', ...byTime])
    .where(sql<boolean>`result <> 'ok'`)
    .execute()
}

async function auditKeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_keys')
    .addColumn('key_id', 'text', primary)
    .addColumn('public_key_pem', 'text', required)
    .addColumn('created_at_ms', 'bigint', required)
    .execute()
}

async function auditCheckpoints(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_checkpoints')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('sequence', 'bigint', required)
    .addColumn('hash', 'text', required)
    .addColumn('at_ms', 'bigint', required)
    .addColumn('key_id', 'text', required)
    .addColumn('signature', 'text', required)
    .addPrimaryKeyConstraint('audit_checkpoints_key', ['organisation_id', 'sequence'])
    .execute()
}

async function auditArchives(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_archives')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('first_sequence', 'bigint', required)
    .addColumn('sequence', 'bigint', required)
    .addColumn('hash', 'text', required)
    .addColumn('digest', 'text', required)
    .addColumn('at_ms', 'bigint', required)
    .addColumn('key_id', 'text', required)
    .addColumn('signature', 'text', required)
    .addPrimaryKeyConstraint('audit_archives_key', ['organisation_id', 'sequence'])
    .execute()
}

async function auditRetention(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_retention')
    .addColumn('organisation_id', 'text', onePerOrganisation)
    .addColumn('keep_days', 'integer', required)
    .execute()
}

/** The receiver of each organisation's trail, and the last record that it has. */
async function syslogExports(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('syslog_exports')
    .addColumn('organisation_id', 'text', onePerOrganisation)
    .addColumn('target', 'text', required)
    .addColumn('private_key', 'text')
    .addColumn('revision', 'bigint', required)
    .addColumn('sent_sequence', 'bigint', required)
    .addColumn('sent_checkpoint', 'bigint', required)
    .addColumn('sent_at_ms', 'bigint')
    .addColumn('problem', 'text')
    .execute()
}
