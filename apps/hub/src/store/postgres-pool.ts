/**
 * PostgreSQL pool: connections of one kind, each set up before its first query, and thrown away after a failure that may have left it in the
 * middle of something. What goes wrong with a connection, and not with a query, is a `StoreUnavailable`.
 */
import type { Log } from '@skerry/platform/process/log'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { type ClientConfig, DatabaseError, Pool, type PoolClient, types } from 'pg'
import { StoreUnavailable } from './store-errors.ts'

export type PoolOptions = {
  url: string
  /** Seen in pg_stat_activity. */
  name: string
  connectionsMax: number
  /** What every connection is told first. */
  setup: string
  /** Sent in place of Kysely's `begin`. */
  begin?: string
  /** How long a query may take; 0 is for ever. */
  queryMs?: number
  log: Pick<Log, 'warn'>
}

/** Longer than a failing over of PostgreSQL takes to refuse, shorter than people wait. Waiting for a free connection counts. */
const CONNECT_MS = 10_000

/** The longest query of the hub takes a second at 10,000 devices. An answer that is later than this will not come: the network is silent. */
const QUERY_MS = 30_000

/** Settings that the hub's laws rest on, whatever the server's own are. */
export const SESSION_SETUP = [
  // What was acknowledged survives a power cut.
  'set synchronous_commit = on',
  "set default_transaction_isolation = 'read committed'",
  // A hub that stands still in a transaction keeps all others from writing, and from taking the lead. 7 s are 70 times what the longest takes.
  "set idle_in_transaction_session_timeout = '7s'",
  "set statement_timeout = '25s'",
  // A hub that is gone without a word is given up after some 8 s, and its locks with it.
  'set tcp_keepalives_idle = 4',
  'set tcp_keepalives_interval = 2',
  'set tcp_keepalives_count = 2',
  "set tcp_user_timeout = '8s'",
  // Compiling takes longer than any of our queries.
  'set jit = off',
].join('; ')

/** [postgresql.org/docs/current/catalog-pg-type.html] int8, and numeric, which sums of int8 are. None of ours passes 2^53. */
const NUMBERS: readonly number[] = [types.builtins.INT8, types.builtins.NUMERIC]

/** How every connection is opened; a session of its own (leader, bus) is opened so too. */
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

/** A pool as Kysely takes it. */
export function openPool(options: PoolOptions): PostgresPool {
  const { url, name, connectionsMax, setup, begin, queryMs = QUERY_MS, log } = options
  const own = { max: connectionsMax, query_timeout: queryMs, idleTimeoutMillis: 0 }
  const pool = new Pool({ ...clientConfig(url, name), ...own })
  // Of a connection that nobody uses just now; the next query opens another.
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
    // Kysely's type also allows cursors, which no query of the hub asks for.
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
 * [postgresql.org/docs/current/errcodes-appendix.html] Connection exceptions, operator intervention (it stops, restarts, or has ended our
 * session), too many connections, and sessions that were idle for too long.
 */
const PASSING = /^(08|57P|53300|25P0[234])/

/** Whether the connection is still good. */
const isOfQuery = (error: unknown) => error instanceof DatabaseError && !PASSING.test(error.code ?? '')

/** Every error that is not the server's answer to a query is the connection's. */
export function errorOf(error: unknown, doing = 'asking the database'): unknown {
  if (isOfQuery(error)) return error
  return new StoreUnavailable(`${doing}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
}
