/**
 * PostgreSQL store: the same laws as in SQLite, for several hubs at once. Transactions that write run one after another, over all hubs: each
 * begins with one lock, and one connection of each hub writes. Other connections only read, and PostgreSQL refuses them a write.
 */
import { setTimeout } from 'node:timers/promises'
import { systemCode } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'
import {
  CompiledQuery,
  HandleEmptyInListsPlugin,
  Kysely,
  PostgresDialect,
  replaceWithNoncontingentExpression,
  sql,
} from 'kysely'
import { binaryText } from './binary-text.ts'
import { migrate } from './migrator.ts'
import { lockSql } from './postgres-locks.ts'
import { openPool, SESSION_SETUP } from './postgres-pool.ts'
import { problemOfServer, type ServerProblem } from './postgres-server.ts'
import type { Store, Tables } from './store.ts'
import { isStoreUnavailable } from './store-errors.ts'

export type OpenPostgresResult =
  | { ok: true; store: Store }
  | { ok: false; code: 'store_newer' | 'database_unreachable' | ServerProblem; message: string }

export type PostgresOptions = {
  url: string
  nowMs: number
  log: Pick<Log, 'warn'>
  /** How long to wait for a database that is not there yet. */
  patienceMs?: number
}

/** What starts a hub often starts its database beside it. */
const PATIENCE_MS = 60_000

const RETRY_MS = 1_000

/** Lists, pages and the watch of many pages at once. Twenty hubs fit in PostgreSQL's usual 100 connections three times over with the rest. */
const READERS_MAX = 4

const PROBE = CompiledQuery.raw('update schema_versions set name = name where version = 1')

/** Connects, checks that the server is one that we know, and brings the database to the newest version: one hub of many does it. */
export async function openPostgresStore(options: PostgresOptions): Promise<OpenPostgresResult> {
  const problem = await prepare(options)
  if (problem) return problem
  const { url, log } = options
  const writer = openPool({
    url,
    log,
    name: 'skerry hub, writer',
    connectionsMax: 1,
    setup: SESSION_SETUP,
    begin: `begin; ${lockSql('pg_advisory_xact_lock', 'write')}`,
  })
  const reader = openPool({
    url,
    log,
    name: 'skerry hub, reader',
    connectionsMax: READERS_MAX,
    setup: `${SESSION_SETUP}; set default_transaction_read_only = on`,
  })
  return { ok: true, store: storeOf(kyselyOn(writer).withTables<Tables>(), kyselyOn(reader).withTables<Tables>()) }
}

/** SQLite knows `in ()`, of which nothing is one; PostgreSQL calls it a syntax error. */
const emptyLists = new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression })

const kyselyOn = (pool: ReturnType<typeof openPool>) =>
  new Kysely<unknown>({ dialect: new PostgresDialect({ pool }), plugins: [emptyLists] })

/** Gives what stands in the way. */
async function prepare(options: PostgresOptions): Promise<Extract<OpenPostgresResult, { ok: false }> | undefined> {
  const { patienceMs = PATIENCE_MS, log } = options
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    try {
      return await checkAndMigrate(options)
    } catch (error) {
      const refusal = refusalOf(error)
      if (!refusal) throw error
      if (refusal.code !== 'database_unreachable' || waitedMs >= patienceMs) return refusal
      log.warn('database_awaited', { error: refusal.message })
      await setTimeout(RETRY_MS)
    }
  }
}

/** [postgresql.org/docs/current/errcodes-appendix.html] Wrong user or password, no such database, no right to make tables. */
const REFUSED = ['28000', '28P01', '3D000', '42501']

function refusalOf(error: unknown) {
  const { message } = error instanceof Error ? error : { message: String(error) }
  if (isStoreUnavailable(error)) return { ok: false as const, code: 'database_unreachable' as const, message }
  const isRefused = REFUSED.includes(systemCode(error) ?? '')
  return isRefused ? { ok: false as const, code: 'database_unfit' as const, message } : undefined
}

/** On a connection of its own, without the limits that queries have: a migration of a large table takes minutes. */
async function checkAndMigrate({ url, nowMs, log }: PostgresOptions) {
  const setup = `${SESSION_SETUP}; set statement_timeout = 0; set idle_in_transaction_session_timeout = 0`
  const pool = openPool({ url, log, name: 'skerry hub, migration', connectionsMax: 1, setup, queryMs: 0 })
  const migrating = kyselyOn(pool).withPlugin(binaryText())
  try {
    return await migrating.connection().execute(async (connection) => {
      const problem = await problemOfServer(connection)
      if (problem) return problem
      // Until this connection ends: hubs that start together come one after another, and all but the first find nothing to do.
      await connection.executeQuery(CompiledQuery.raw(lockSql('pg_advisory_lock', 'migration')))
      const migrated = await migrate(connection, nowMs)
      return migrated.ok ? undefined : migrated
    })
  } finally {
    await migrating.destroy()
  }
}

function storeOf(writer: Kysely<Tables>, reader: Kysely<Tables>): Store {
  return {
    db: reader,
    transaction: (work) => writer.transaction().execute(work),
    async probe() {
      try {
        await writer.transaction().execute((tx) => tx.executeQuery(PROBE))
        return { ok: true }
      } catch (error) {
        return { ok: false, message: error instanceof Error ? error.message : String(error) }
      }
    },
    async bytes() {
      const query = sql<{ bytes: number }>`select pg_database_size(current_database()) as bytes`
      const { rows } = await query.execute(reader)
      return { databaseBytes: rows[0]?.bytes ?? 0, journalBytes: 0 }
    },
    async [Symbol.asyncDispose]() {
      await reader.destroy()
      await writer.destroy()
    },
  }
}
