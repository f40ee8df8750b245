/**
 * SQLite store: one file in WAL mode, through Node's own driver. It has two connections. The writer runs its
 * transactions one after another. The reader sees only committed data and cannot write. So a read neither waits for a
 * transaction nor sees half of one.
 */
import { open, rename, rm, stat } from 'node:fs/promises'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { openDatabase } from '@skerry/platform/files/sqlite'
import type { Log } from '@skerry/platform/process/log'
import { CompiledQuery, Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely'
import { type Checkpoints, createCheckpoints } from './checkpoints/checkpoints.ts'
import { createGroupCommit } from './group-commit.ts'
import { migrate, migrations } from './migrator.ts'
import type { Store, Tables } from './store.ts'

export type OpenStoreResult =
  | { ok: true; store: Store }
  | { ok: false; code: 'store_newer' | 'database_damaged' | 'database_too_new'; message: string }

/** The hub has some hundreds of distinct queries. A cached plan saves about 10 us a query. */
const STATEMENTS_MAX = 1_000

const PROBE = CompiledQuery.raw('update schema_versions set name = name where version = 1')

/** Opens the file, checks it for damage, and brings it to the newest version. */
export async function openSqliteStore(
  path: string,
  nowMs: number,
  log?: Pick<Log, 'info' | 'warn'>,
): Promise<OpenStoreResult> {
  const opened = openDatabase(path, [])
  if (!opened.ok) return opened
  const { database } = opened
  const writer = kyselyOn(database)
  const migrated = await migrate(writer, nowMs, migrations, {
    async beforeUpgrade(version) {
      const copy = `${path}.before-${version}`
      await copyDatabase(database, copy)
      log?.warn('store_backed_up', { version, copy })
    },
    onApplied: (progress) => log?.info('store_upgraded', progress),
  })
  if (!migrated.ok) {
    await writer.destroy()
    return migrated
  }
  const reading = new DatabaseSync(path)
  // SQLite rejects each write here, because it is a mistake in a query.
  reading.exec('pragma query_only = on')
  const checkpoints = createCheckpoints({
    path,
    limitPages: (pages) => database.exec(`pragma wal_autocheckpoint = ${pages}`),
    log,
  })
  const store = storeOf(writer.withTables<Tables>(), kyselyOn(reading).withTables<Tables>(), checkpoints)
  return { ok: true, store: { ...store, bytes: () => bytesOf(path) } }
}

/** [sqlite.org/lang_vacuum.html] The copy has its name only once it is complete and on the disk. */
export async function copyDatabase(database: DatabaseSync, target: string): Promise<void> {
  const partial = `${target}.partial`
  await rm(partial, { force: true })
  database.prepare('vacuum into ?').run(partial)
  const file = await open(partial, 'r+')
  await file.chmod(0o600)
  await file.sync()
  await file.close()
  await rename(partial, target)
}

async function bytesOf(path: string) {
  const sizeOf = async (file: string) => (await stat(file).catch(() => undefined))?.size ?? 0
  return { databaseBytes: await sizeOf(path), journalBytes: await sizeOf(`${path}-wal`) }
}

function storeOf(writer: Kysely<Tables>, reader: Kysely<Tables>, checkpoints: Checkpoints): Omit<Store, 'bytes'> {
  return {
    db: reader,
    transaction: createGroupCommit(writer, checkpoints.committed),
    async probe() {
      try {
        // Takes the write lock, writes a page and waits for the disk; the record does not change.
        await writer.transaction().execute((tx) => tx.executeQuery(PROBE))
        return { ok: true }
      } catch (error) {
        return { ok: false, message: error instanceof Error ? error.message : String(error) }
      }
    },
    async [Symbol.asyncDispose]() {
      await checkpoints[Symbol.asyncDispose]()
      await reader.destroy()
      await writer.destroy()
    },
  }
}

const kyselyOn = (database: DatabaseSync): Kysely<unknown> =>
  new Kysely<unknown>({ dialect: new SqliteDialect({ database: adapt(database) }) })

/** Node's driver with the interface of Kysely. Queries are prepared once. */
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

/** A full disk has rolled back already. A second rollback would throw, and hide the cause. */
const NOTHING: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  // Kysely passes `unknown`; the driver itself rejects values that SQLite cannot bind.
  const bound = (parameters: readonly unknown[]) => parameters as SQLInputValue[]
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...bound(parameters)),
    run: (parameters) => statement.run(...bound(parameters)),
    iterate: (parameters) => statement.iterate(...bound(parameters)),
  }
}
