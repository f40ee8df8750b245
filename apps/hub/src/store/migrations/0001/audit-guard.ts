/**
 * Audit guard: the database itself rejects changes and removals in the audit trail. So a bug, an SQL injection or a
 * mistake at a console does no harm. If a person drops the guards on purpose, the hashes and the signed checkpoints
 * show the change.
 *
 * - A record, a checkpoint, a key or an archive never changes.
 * - A record may be deleted only if an archive covers it. The last record is never deleted, nor any other kind of row.
 * - An archive must follow the one before. A signed checkpoint must match its last record. All its records must be
 *   older than six months by the database's own clock.
 * - An insertion never overwrites a row (REPLACE of SQLite runs no trigger of deletion).
 */
import { type Kysely, PostgresAdapter, sql } from 'kysely'

const REFUSAL = 'the audit trail is never changed: records are only added'

/** [AI Act 19 (1), 26 (6)] The longest six months. */
const KEPT_MS = 184 * 86_400_000

/** Runs after the tables of the trail are created. */
export async function auditGuard(db: Kysely<unknown>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  for (const statement of isPostgres ? POSTGRES : SQLITE) await sql.raw(statement).execute(db)
}

/** Whether the record `old` must stay. */
const MUST_STAY = `not exists (select 1 from audit_archives a
    where a.organisation_id = old.organisation_id and a.sequence >= old.sequence)
  or not exists (select 1 from audit_records r
    where r.organisation_id = old.organisation_id and r.sequence > old.sequence)`

/** Whether the archive `new` is invalid; `now` is the clock of the database, in milliseconds. */
const isNoArchive = (now: string) => `new.first_sequence <> 1 + coalesce((select max(a.sequence) from audit_archives a
    where a.organisation_id = new.organisation_id), 0)
  or new.sequence < new.first_sequence
  or not exists (select 1 from audit_records r
    where r.organisation_id = new.organisation_id and r.sequence = new.sequence and r.hash = new.hash)
  or not exists (select 1 from audit_checkpoints c
    where c.organisation_id = new.organisation_id and c.sequence = new.sequence and c.hash = new.hash)
  or exists (select 1 from audit_records r
    where r.organisation_id = new.organisation_id and r.sequence <= new.sequence and r.at_ms > ${now} - ${KEPT_MS})`

const ABORT = `begin select raise(abort, '${REFUSAL}'); end`

const SQLITE_NOW = `cast(strftime('%s', 'now') as integer) * 1000`

/** Whether `table` already has the sequence of the row `new`. */
const isThere = (table: string) =>
  `exists (select 1 from ${table} t where t.organisation_id = new.organisation_id and t.sequence = new.sequence)`

const SQLITE = [
  ...['audit_records', 'audit_checkpoints', 'audit_keys', 'audit_archives'].map(
    (table) => `create trigger ${table}_no_update before update on ${table} ${ABORT}`,
  ),
  ...['audit_checkpoints', 'audit_keys', 'audit_archives'].map(
    (table) => `create trigger ${table}_no_delete before delete on ${table} ${ABORT}`,
  ),
  `create trigger audit_records_no_delete before delete on audit_records when ${MUST_STAY} ${ABORT}`,
  `create trigger audit_archives_no_other before insert on audit_archives when ${isNoArchive(SQLITE_NOW)} ${ABORT}`,
  `create trigger audit_records_no_replace before insert on audit_records when ${isThere('audit_records')} ${ABORT}`,
  `create trigger audit_keys_no_replace before insert on audit_keys
    when exists (select 1 from audit_keys t where t.key_id = new.key_id) ${ABORT}`,
  // Two hubs may sign the same record at the same time. The second row is ignored without an error.
  `create trigger audit_checkpoints_no_replace before insert on audit_checkpoints
    when ${isThere('audit_checkpoints')} begin select raise(ignore); end`,
]

const RAISE = `raise exception '${REFUSAL}' using errcode = 'integrity_constraint_violation';`

const POSTGRES_NOW = 'floor(extract(epoch from clock_timestamp()) * 1000)'

const define = (name: string, body: string) =>
  `create function ${name}() returns trigger language plpgsql as $$ ${body} $$`

const POSTGRES = [
  define('refuse_audit_change', `begin ${RAISE} end`),
  define('refuse_audit_removal', `begin if ${MUST_STAY} then ${RAISE} end if; return old; end`),
  define('refuse_audit_archive', `begin if ${isNoArchive(POSTGRES_NOW)} then ${RAISE} end if; return new; end`),
  // A trigger for each statement, so that it also rejects a TRUNCATE, and statements that change no row.
  ...['audit_checkpoints', 'audit_keys', 'audit_archives'].map(
    (table) => `create trigger ${table}_guard before update or delete or truncate on ${table}
      for each statement execute function refuse_audit_change()`,
  ),
  `create trigger audit_records_guard before update or truncate on audit_records
    for each statement execute function refuse_audit_change()`,
  `create trigger audit_records_removal before delete on audit_records
    for each row execute function refuse_audit_removal()`,
  `create trigger audit_archives_other before insert on audit_archives
    for each row execute function refuse_audit_archive()`,
]
