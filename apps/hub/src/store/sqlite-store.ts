/**
 * SQLite store: one file in WAL mode, through Node's own driver. Two connections: the writer, whose transactions run one after another,
 * and a reader that sees only what is committed and cannot write, so that reads neither wait for a transaction nor see half of one.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { CompiledQuery, Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely'
import { migrate } from './migrator.ts'
import type { Store, Tables } from './store.ts'

export type OpenStoreResult =
  | { ok: true; store: Store }
  | { ok: false; code: 'store_newer' | 'store_damaged'; message: string }

/** Distinct queries are some hundreds; a cached plan saves about 10 us a query. */
const STATEMENTS_MAX = 1_000

/** Somebody looking at the file with another tool holds it for moments only. */
const BUSY_TIMEOUT_MS = 5_000

/** [sqlite.org/rescode.html] What SQLite answers when the bytes on disk are not a database, or no longer a sound one. */
const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26

const PROBE = CompiledQuery.raw('update schema_versions set name = name where version = 1')

/** Opens the file, checks that it is sound, and brings it to the newest version. */
export async function openSqliteStore(path: string, nowMs: number): Promise<OpenStoreResult> {
  const opened: DatabaseSync[] = []
  const open = (pragmas: string) => {
    const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS })
    opened.push(database)
    database.exec(pragmas)
    return database
  }
  const closeAll = () => {
    for (const database of opened) if (database.isOpen) database.close()
  }
  try {
    // FULL: what was answered "done" is on the disk, also after a power cut.
    const writing = open('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
    const problem = soundnessProblem(writing)
    if (problem) {
      closeAll()
      return damaged(path, problem)
    }
    const writer = kyselyOn(writing)
    const migrated = await migrate(writer, nowMs)
    if (!migrated.ok) {
      closeAll()
      return migrated
    }
    const reader = kyselyOn(open('pragma query_only = on'))
    return { ok: true, store: storeOf(writer.withTables<Tables>(), reader.withTables<Tables>()) }
  } catch (error) {
    closeAll()
    if (isDamage(error)) return damaged(path, error.message)
    throw new Error(`opening the database ${path}`, { cause: error })
  }
}

function storeOf(writer: Kysely<Tables>, reader: Kysely<Tables>): Store {
  return {
    db: reader,
    transaction: (work) => writer.transaction().execute(work),
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

/** `quick_check` reads every page once: seconds a gigabyte, and a database that is broken must not be served from. */
function soundnessProblem(database: DatabaseSync): string | undefined {
  const row = database.prepare('pragma quick_check(1)').get()
  const verdict = row?.quick_check
  return verdict === 'ok' ? undefined : String(verdict)
}

const damaged = (path: string, problem: string): OpenStoreResult => ({
  ok: false,
  code: 'store_damaged',
  message: `the database ${path} is damaged (${problem}); restore a backup of it, or move it away to begin anew`,
})

function isDamage(error: unknown): error is Error & { errcode: number } {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return false
  // The low byte is the primary code.
  return [SQLITE_CORRUPT, SQLITE_NOTADB].includes(error.errcode & 0xff)
}

const kyselyOn = (database: DatabaseSync): Kysely<unknown> =>
  new Kysely<unknown>({ dialect: new SqliteDialect({ database: adapt(database) }) })

/** Node's driver, in the words that Kysely knows. Queries are prepared once. */
function adapt(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = statements.get(sql)
      if (known) return known
      const statement = adaptStatement(database.prepare(sql))
      if (statements.size >= STATEMENTS_MAX) statements.clear()
      statements.set(sql, statement)
      return statement
    },
  }
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
