/**
 * SQLite store: one file in WAL mode, through Node's own driver. Two connections: the writer, whose transactions run one after another,
 * and a reader that sees only what is committed and cannot write, so that reads neither wait for a transaction nor see half of one.
 */
import { stat } from 'node:fs/promises'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { openDatabase } from '@skerry/platform/files/sqlite'
import { CompiledQuery, Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely'
import { createGroupCommit } from './group-commit.ts'
import { migrate } from './migrator.ts'
import type { Store, Tables } from './store.ts'

export type OpenStoreResult =
  | { ok: true; store: Store }
  | { ok: false; code: 'store_newer' | 'database_damaged' | 'database_too_new'; message: string }

/** Distinct queries are some hundreds; a cached plan saves about 10 us a query. */
const STATEMENTS_MAX = 1_000

const PROBE = CompiledQuery.raw('update schema_versions set name = name where version = 1')

/** Opens the file, checks that it is sound, and brings it to the newest version. */
export async function openSqliteStore(path: string, nowMs: number): Promise<OpenStoreResult> {
  const opened = openDatabase(path, [])
  if (!opened.ok) return opened
  const writer = kyselyOn(opened.database)
  const migrated = await migrate(writer, nowMs)
  if (!migrated.ok) {
    await writer.destroy()
    return migrated
  }
  const reading = new DatabaseSync(path)
  // Whatever is written here is a mistake in a query, and is refused by SQLite.
  reading.exec('pragma query_only = on')
  const store = storeOf(writer.withTables<Tables>(), kyselyOn(reading).withTables<Tables>())
  return { ok: true, store: { ...store, bytes: () => bytesOf(path) } }
}

async function bytesOf(path: string) {
  const sizeOf = async (file: string) => (await stat(file).catch(() => undefined))?.size ?? 0
  return { databaseBytes: await sizeOf(path), journalBytes: await sizeOf(`${path}-wal`) }
}

function storeOf(writer: Kysely<Tables>, reader: Kysely<Tables>): Omit<Store, 'bytes'> {
  return {
    db: reader,
    transaction: createGroupCommit(writer),
    async probe() {
      try {
        // Takes the write lock, writes a page and waits for the disk; the record stays as it is.
        await writer.transaction().execute((tx) => tx.executeQuery(PROBE))
        return { ok: true }
      } catch (error) {
        return { ok: false, message: error instanceof Error ? error.message : String(error) }
      }
    },
    async [Symbol.asyncDispose]() {
      await reader.destroy()
      await writer.destroy()
    },
  }
}

const kyselyOn = (database: DatabaseSync): Kysely<unknown> =>
  new Kysely<unknown>({ dialect: new SqliteDialect({ database: adapt(database) }) })

/** Node's driver, in the words that Kysely knows. Queries are prepared once. */
function adapt(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  return {
    close: () => database.close(),
    prepare(sql) {
      if (sql === 'rollback' && !database.isTransaction) return NOTHING
      const known = statements.get(sql)
      if (known) return known
      const statement = adaptStatement(database.prepare(sql))
      if (statements.size >= STATEMENTS_MAX) statements.clear()
      statements.set(sql, statement)
      return statement
    },
  }
}

/** A full disk has rolled back already; saying it again would throw, and hide why. */
const NOTHING: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  // Kysely hands over `unknown`; the driver itself refuses what SQLite cannot bind.
  const bound = (parameters: readonly unknown[]) => parameters as SQLInputValue[]
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...bound(parameters)),
    run: (parameters) => statement.run(...bound(parameters)),
    iterate: (parameters) => statement.iterate(...bound(parameters)),
  }
}
