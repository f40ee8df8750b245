/**
 * 0023: the database itself refuses to change or remove what the audit trail says: a bug, an SQL injection or a tired hand at a console
 * does no harm by mistake. Who drops the guards on purpose is found by the hashes and the signed checkpoints.
 */
import { type Kysely, PostgresAdapter, sql } from 'kysely'

const TABLES = ['audit_records', 'audit_checkpoints', 'audit_keys'] as const

const REFUSAL = 'the audit trail is never changed: records are only added'

export async function auditGuard(db: Kysely<unknown>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  if (isPostgres) await guardPostgres(db)
  else await guardSqlite(db)
}

async function guardSqlite(db: Kysely<unknown>): Promise<void> {
  for (const table of TABLES) {
    for (const event of ['update', 'delete']) {
      const name = sql.ref(`${table}_no_${event}`)
      const body = sql`begin select raise(abort, ${sql.lit(REFUSAL)}); end`
      await sql`create trigger ${name} before ${sql.raw(event)} on ${sql.table(table)} ${body}`.execute(db)
    }
  }
}

async function guardPostgres(db: Kysely<unknown>): Promise<void> {
  const body = sql.lit(`begin raise exception '${REFUSAL}' using errcode = 'integrity_constraint_violation'; end`)
  await sql`create function refuse_audit_change() returns trigger language plpgsql as ${body}`.execute(db)
  for (const table of TABLES) {
    const name = sql.ref(`${table}_guard`)
    // By statement, so that it also holds for what touches no row, and for TRUNCATE.
    await sql`create trigger ${name} before update or delete or truncate on ${sql.table(table)}
      for each statement execute function refuse_audit_change()`.execute(db)
  }
}
