/**
 * SQLite: opens a database so that committed data survive a power cut, and brings its tables up to date.
 *
 * WAL and synchronous FULL: a commit returns when it is on the disk, and readers do not wait for writers. Declare
 * tables `STRICT`.
 */
import { DatabaseSync } from 'node:sqlite'

/**
 * SQL that takes the database from the version before to this one. Its place in the list is its number: append, never
 * change.
 */
export type Migration = { name: string; sql: string }

export type OpenDatabaseResult =
  | { ok: true; database: DatabaseSync }
  | { ok: false; code: 'database_damaged' | 'database_too_new'; message: string }

/**
 * Another process of ours holds the write lock for milliseconds; 5 s are longer than any of its transactions on a slow
 * SD card.
 */
const BUSY_TIMEOUT_MS = 5_000

/** [sqlite.org/rescode.html] SQLITE_CORRUPT, SQLITE_NOTADB; extended codes have these in their low byte. */
const DAMAGE_CODES = new Set([11, 26])

/**
 * Opens or makes the database, checks it, and applies the migrations that it lacks. The caller decides what to do with
 * a damaged one.
 */
export function openDatabase(path: string, migrations: readonly Migration[]): OpenDatabaseResult {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true })
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    const problem = checkIntegrity(database) ?? checkVersion(database, migrations)
    if (!problem) {
      migrate(database, migrations)
      return { ok: true, database }
    }
    database.close()
    return { ...problem, message: `${path} ${problem.message}` }
  } catch (cause) {
    database.close()
    if (isDamage(cause)) {
      return {
        ok: false,
        code: 'database_damaged',
        message: `${path} is not a whole SQLite database; restore or remove it`,
      }
    }
    throw new Error(`opening the database ${path}`, { cause })
  }
}

/**
 * Runs `work` in one transaction: all of it happens, or, when it throws, nothing. Do not await inside: others would
 * join in.
 */
export function transaction<T>(database: DatabaseSync, work: () => T extends Promise<unknown> ? never : T): T {
  // IMMEDIATE takes the write lock at the start, when waiting is possible. A read that turns into a write may find it
  // taken and fail.
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // A full disk may already have rolled back; the first error is the one to throw.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

export type AddedColumn = { table: string; name: string; type: 'BLOB' | 'INTEGER' | 'TEXT' }

/**
 * Adds a column, if it is not there. The number of the version stays, so that an earlier program still opens the database,
 * such as an agent that returns from an update. That program must be right without the column: it writes null there.
 */
export function addColumn(database: DatabaseSync, { table, name, type }: AddedColumn): void {
  const columns = database.prepare('SELECT name FROM pragma_table_info(?)').all(table)
  if (columns.every((column) => column.name !== name)) database.exec(`ALTER TABLE ${table} ADD COLUMN ${name} ${type}`)
}

type Problem = Extract<OpenDatabaseResult, { ok: false }>

function checkIntegrity(database: DatabaseSync): Problem | undefined {
  // quick_check reads every page, but does not compare indexes with tables: enough to find rot, and fast on every
  // start.
  const row = database.prepare('PRAGMA quick_check(1)').get()
  if (row?.quick_check === 'ok') return undefined
  return {
    ok: false,
    code: 'database_damaged',
    message: `is damaged (${String(row?.quick_check)}); restore or remove it`,
  }
}

function checkVersion(database: DatabaseSync, migrations: readonly Migration[]): Problem | undefined {
  const version = versionOf(database)
  if (version <= migrations.length) return undefined
  const message = `has version ${version}, and this program knows ${migrations.length}; use the newer program`
  return { ok: false, code: 'database_too_new', message }
}

function migrate(database: DatabaseSync, migrations: readonly Migration[]): void {
  for (const [index, { name, sql }] of [...migrations.entries()].slice(versionOf(database))) {
    try {
      transaction(database, () => {
        database.exec(sql)
        database.exec(`PRAGMA user_version = ${index + 1}`)
      })
    } catch (cause) {
      throw new Error(`migration ${index + 1} (${name})`, { cause })
    }
  }
}

const versionOf = (database: DatabaseSync) => Number(database.prepare('PRAGMA user_version').get()?.user_version)

const isDamage = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && DAMAGE_CODES.has(Number(error.errcode) & 0xff)
