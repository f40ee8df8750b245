/**
 * PostgreSQL pool: connections of one kind. Each is set up before its first query, and closed after a failure that may
 * have left it in an undefined state. A failure of a connection, and not of a query, is a `StoreUnavailable`.
 */
import type { Log } from '@skerry/platform/process/log'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { type ClientConfig, DatabaseError, Pool, type PoolClient, types } from 'pg'
import { StoreUnavailable } from './store-errors.ts'

export type PoolOptions = {
  url: string
  /** The name in the view pg_stat_activity. */
  name: string
  connectionsMax: number
  /** The statements that run first on every connection. */
  setup: string
  /** Replaces the statement `begin` of Kysely. */
  begin?: string
  /** The limit of a query; 0 means none. */
  queryMs?: number
  log: Pick<Log, 'warn'>
}

/**
 * Longer than the time in which PostgreSQL rejects connections during a failover, and shorter than people wait. Waiting
 * for a free connection counts.
 */
const CONNECT_MS = 10_000

/**
 * The longest query of the hub takes a second at 10,000 devices. A later answer will not come: the network is silent.
 */
const QUERY_MS = 30_000

/** Settings that the hub's invariants need, regardless of the server's own settings. */
export const SESSION_SETUP = [
  // An acknowledged commit survives a power cut.
  'set synchronous_commit = on',
  "set default_transaction_isolation = 'read committed'",
  // A hub that stands still in a transaction keeps all others from writing, and from taking the lead. 7 s are 70 times
  // the longest transaction.
  "set idle_in_transaction_session_timeout = '7s'",
  "set statement_timeout = '25s'",
  // The server drops a hub that has vanished after some 8 s, and its locks with it.
  'set tcp_keepalives_idle = 4',
  'set tcp_keepalives_interval = 2',
  'set tcp_keepalives_count = 2',
  "set tcp_user_timeout = '8s'",
  // Compiling takes longer than any query of the hub.
  'set jit = off',
].join('; ')

/**
 * [postgresql.org/docs/current/catalog-pg-type.html] int8, and numeric, which is the type of sums of int8. No value of
 * the hub exceeds 2^53.
 */
const NUMBERS: readonly number[] = [types.builtins.INT8, types.builtins.NUMERIC]

/** The options of every connection, also of a separate session (leader, bus). */
export const clientConfig = (url: string, name: string): ClientConfig => ({
  connectionString: url,
  application_name: name,
  connectionTimeoutMillis: CONNECT_MS,
  query_timeout: QUERY_MS,
  keepAlive: true,
  keepAliveInitialDelayMillis: 4_000,
  types: {
    getTypeParser: (oid, format) => (NUMBERS.includes(oid) ? Number : types.getTypeParser(oid, format as 'text')),
  },
})

/** A pool in the form for Kysely. */
export function openPool(options: PoolOptions): PostgresPool {
  const { url, name, connectionsMax, setup, begin, queryMs = QUERY_MS, log } = options
  const own = { max: connectionsMax, query_timeout: queryMs, idleTimeoutMillis: 0 }
  const pool = new Pool({ ...clientConfig(url, name), ...own })
  // The error of an idle connection; the next query opens another one.
  pool.on('error', (error) => log.warn('database_connection_lost', { pool: name, error }))
  const known = new WeakSet<PoolClient>()
  return {
    async connect() {
      const client = await unavailable(pool.connect())
      if (!known.has(client)) {
        try {
          await unavailable(client.query(setup))
        } catch (error) {
          client.release(true)
          throw error
        }
        known.add(client)
      }
      return adapt(client, begin)
    },
    end: () => pool.end(),
    options: {},
  } as PostgresPool
}

function adapt(client: PoolClient, begin: string | undefined): PostgresPoolClient {
  let isBroken = false
  // Without a listener, a connection that ends between two queries would end the process.
  const lose = () => {
    isBroken = true
  }
  client.on('error', lose)
  return {
    async query(text: string, parameters: readonly unknown[]) {
      try {
        if (text === 'begin' && begin) return await client.query(begin)
        return await client.query(text, [...parameters])
      } catch (error) {
        if (!isOfQuery(error)) isBroken = true
        throw errorOf(error)
      }
    },
    release() {
      client.off('error', lose)
      client.release(isBroken)
    },
    // Kysely's type also has cursors, which no query of the hub uses.
  } as unknown as PostgresPoolClient
}

async function unavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw errorOf(error, 'connecting to the database')
  }
}

/**
 * [postgresql.org/docs/current/errcodes-appendix.html] Connection exceptions, operator intervention (the server stops,
 * restarts, or has ended the session), too many connections, and sessions that were idle for too long.
 */
const PASSING = /^(08|57P|53300|25P0[234])/

/** Whether the connection is still usable. */
const isOfQuery = (error: unknown) => error instanceof DatabaseError && !PASSING.test(error.code ?? '')

/** Every error that is not the server's answer to a query is an error of the connection. */
export function errorOf(error: unknown, doing = 'asking the database'): unknown {
  if (isOfQuery(error)) return error
  return new StoreUnavailable(`${doing}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
}
