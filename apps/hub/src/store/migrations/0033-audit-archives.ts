/**
 * 0033: the beginning of a trail may go once it is archived, and nothing else. The database itself holds to it:
 *
 *     a record goes only where an archive names it, and never the last one
 *     an archive is added only where it follows the one before, a signed checkpoint and its record say the same, and no record in it is
 *     younger than six months by the database's own clock; it is never changed and never removed
 *     what is there is never written over by an insertion either (REPLACE of SQLite runs no trigger of deletion)
 */
import { type Kysely, PostgresAdapter, sql } from 'kysely'

const REFUSAL = 'the audit trail is never changed: records are only added'

/** [AI Act 19 (1), 26 (6)] The longest six months. */
const KEPT_MS = 184 * 86_400_000

export async function auditArchives(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_archives')
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('first_sequence', 'bigint', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('signature', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_archives_key', ['organisation_id', 'sequence'])
    .execute()
  await db.schema
    .createTable('audit_retention')
    .addColumn('organisation_id', 'text', (column) => column.primaryKey().references('organisations.id'))
    .addColumn('keep_days', 'integer', (column) => column.notNull())
    .execute()
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  if (isPostgres) await guardPostgres(db)
  else await guardSqlite(db)
}

/** Whether the record `old` must stay. */
const MUST_STAY = `not exists (select 1 from audit_archives a
    where a.organisation_id = old.organisation_id and a.sequence >= old.sequence)
  or not exists (select 1 from audit_records r
    where r.organisation_id = old.organisation_id and r.sequence > old.sequence)`

/** Whether the archive `new` is none; `now` is the clock of the database, in milliseconds. */
const isNoArchive = (now: string) => `new.first_sequence <> 1 + coalesce((select max(a.sequence) from audit_archives a
    where a.organisation_id = new.organisation_id), 0)
  or new.sequence < new.first_sequence
  or not exists (select 1 from audit_records r
    where r.organisation_id = new.organisation_id and r.sequence = new.sequence and r.hash = new.hash)
  or not exists (select 1 from audit_checkpoints c
    where c.organisation_id = new.organisation_id and c.sequence = new.sequence and c.hash = new.hash)
  or exists (select 1 from audit_records r
    where r.organisation_id = new.organisation_id and r.sequence <= new.sequence and r.at_ms > ${now} - ${KEPT_MS})`

async function guardSqlite(db: Kysely<unknown>): Promise<void> {
  const refuse = `begin select raise(abort, '${REFUSAL}'); end`
  const run = (text: string) => sql.raw(text).execute(db)
  await run('drop trigger audit_records_no_delete')
  await run(`create trigger audit_records_no_delete before delete on audit_records when ${MUST_STAY} ${refuse}`)
  await run(`create trigger audit_archives_no_update before update on audit_archives ${refuse}`)
  await run(`create trigger audit_archives_no_delete before delete on audit_archives ${refuse}`)
  await run(
    `create trigger audit_archives_no_other before insert on audit_archives
     when ${isNoArchive("cast(strftime('%s', 'now') as integer) * 1000")} ${refuse}`,
  )
  const isThere = (table: string, column: string) =>
    `exists (select 1 from ${table} t where t.organisation_id = new.organisation_id and t.${column} = new.${column})`
  await run(
    `create trigger audit_records_no_replace before insert on audit_records when ${isThere('audit_records', 'sequence')} ${refuse}`,
  )
  await run(
    `create trigger audit_keys_no_replace before insert on audit_keys
     when exists (select 1 from audit_keys t where t.key_id = new.key_id) ${refuse}`,
  )
  // Hubs that sign the same at the same time do so in vain, which is no mistake.
  await run(
    `create trigger audit_checkpoints_no_replace before insert on audit_checkpoints
     when ${isThere('audit_checkpoints', 'sequence')} begin select raise(ignore); end`,
  )
}

async function guardPostgres(db: Kysely<unknown>): Promise<void> {
  const run = (text: string) => sql.raw(text).execute(db)
  const refusal = `raise exception '${REFUSAL}' using errcode = 'integrity_constraint_violation';`
  const define = (name: string, body: string) =>
    run(`create function ${name}() returns trigger language plpgsql as $$ ${body} $$`)
  const now = 'floor(extract(epoch from clock_timestamp()) * 1000)'
  await define('refuse_audit_removal', `begin if ${MUST_STAY} then ${refusal} end if; return old; end`)
  await define('refuse_audit_archive', `begin if ${isNoArchive(now)} then ${refusal} end if; return new; end`)
  await run('drop trigger audit_records_guard on audit_records')
  await run(`create trigger audit_records_guard before update or truncate on audit_records
    for each statement execute function refuse_audit_change()`)
  await run(`create trigger audit_records_removal before delete on audit_records
    for each row execute function refuse_audit_removal()`)
  await run(`create trigger audit_archives_guard before update or delete or truncate on audit_archives
    for each statement execute function refuse_audit_change()`)
  await run(`create trigger audit_archives_other before insert on audit_archives
    for each row execute function refuse_audit_archive()`)
}
