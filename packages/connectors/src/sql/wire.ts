/** SQL wire: one query at a time, each in a transaction that may only read, with limits on its time and its rows. */

import { SourceTrouble } from '@skerry/connectors/session'
import { takeTurns } from '@skerry/connectors/turns'
import type { SqlConnection } from '@skerry/contract/sources/protocols/source-sql'
import pg from 'pg'

/** What the database says, as text: nothing of it is lost on the way. */
export type Rows = { columns: string[]; types: number[]; rows: (string | null)[][] }

export type Answer = ({ ok: true } & Rows) | { ok: false; code: 'query_failed' | 'query_slow'; message: string }

export type Wire = AsyncDisposable & {
  /** At most so many rows; as the connection says, where nothing is said. */
  query(text: string, values: readonly string[], rowsMax?: number): Promise<Answer>
}

/** After the database should have given a query up. */
const GRACE_MS = 2_000

/** Connects. Throws `SourceTrouble`. */
export async function openWire(
  connection: SqlConnection,
  secrets: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Wire> {
  signal.throwIfAborted()
  const client = clientOf(connection, secrets)
  let lost: Error | undefined
  client.on('error', (error) => {
    lost = error
  })
  try {
    await client.connect()
    signal.throwIfAborted()
  } catch (cause) {
    await end(client)
    signal.throwIfAborted()
    throw openTrouble(connection, cause)
  }
  const turn = takeTurns()
  return {
    query: (text, values, rowsMax = connection.rowsMax) =>
      turn(async () => {
        if (lost)
          throw new SourceTrouble('source_lost', `the connection to the database is lost (${lost.message})`, {
            cause: lost,
          })
        return ask(client, connection.timeoutMs, { text, values, rowsMax })
      }),
    [Symbol.asyncDispose]: () => end(client),
  }
}

function clientOf(connection: SqlConnection, secrets: Readonly<Record<string, string>>): pg.Client {
  const { host, port, database, user, password, tls, timeoutMs } = connection
  return new pg.Client({
    host,
    port,
    database,
    user,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs + GRACE_MS,
    ...(password === undefined ? {} : { password: secrets[password.secret] ?? '' }),
    ssl: tls === 'verify' ? { rejectUnauthorized: true } : false,
    application_name: 'skerry',
    // A transaction that says otherwise is none of ours.
    options: `-c default_transaction_read_only=on -c statement_timeout=${timeoutMs} -c datestyle=ISO -c timezone=UTC`,
  })
}

/** A server that does not answer would keep us for its time. */
async function end(client: pg.Client): Promise<void> {
  const given = Promise.withResolvers<void>()
  const timer = setTimeout(given.resolve, 500)
  await Promise.race([client.end().catch(() => undefined), given.promise])
  clearTimeout(timer)
}

async function ask(
  client: pg.Client,
  timeoutMs: number,
  { text, values, rowsMax }: { text: string; values: readonly string[]; rowsMax: number },
): Promise<Answer> {
  try {
    await client.query('begin transaction read only')
    // A cursor takes a SELECT and nothing else, and the extended protocol one statement.
    const declare = { text: `declare asked no scroll cursor for ${text}`, values: [...values], queryMode: 'extended' }
    await client.query(declare)
    const fetch = { text: `fetch ${rowsMax} from asked`, rowMode: 'array' as const, types: AS_TEXT }
    const { fields, rows } = await client.query<(string | null)[]>(fetch)
    await client.query('rollback')
    return {
      ok: true,
      columns: fields.map(({ name }) => name),
      types: fields.map(({ dataTypeID }) => dataTypeID),
      rows,
    }
  } catch (cause) {
    const state = stateOf(cause)
    if (state === undefined || CONNECTION_STATES.test(state)) throw queryTrouble(cause, timeoutMs)
    await client.query('rollback').catch((again: unknown) => {
      throw queryTrouble(again, timeoutMs)
    })
    const reason = `${messageOf(cause)} (${state})`
    if (state === CANCELLED) return { ok: false, code: 'query_slow', message: `it took longer than ${timeoutMs} ms` }
    return { ok: false, code: 'query_failed', message: reason.slice(0, 400) }
  }
}

const AS_TEXT = { getTypeParser: () => (text: string) => text }

/** [PostgreSQL, appendix A] Beyond these the connection is as good as before. */
const CONNECTION_STATES = /^(08|57P)/
const CANCELLED = '57014'
const REFUSED_STATES = /^(28|3D)/

const stateOf = (cause: unknown): string | undefined =>
  cause instanceof pg.DatabaseError && typeof cause.code === 'string' ? cause.code : undefined

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))

function openTrouble({ host, port, database }: SqlConnection, cause: unknown): SourceTrouble {
  const isRefused = REFUSED_STATES.test(stateOf(cause) ?? '')
  const reason =
    cause instanceof Error && 'code' in cause ? `${cause.message} (${String(cause.code)})` : messageOf(cause)
  const text = `cannot connect to ${database} at ${host}:${port}: ${reason}`
  return new SourceTrouble(isRefused ? 'source_refused' : 'source_unreachable', text, { cause })
}

function queryTrouble(cause: unknown, timeoutMs: number): SourceTrouble {
  const isSilent = messageOf(cause).includes('timeout')
  const text = isSilent
    ? `the database did not answer within ${timeoutMs + GRACE_MS} ms`
    : `the connection to the database is lost (${messageOf(cause)})`
  return new SourceTrouble(isSilent ? 'source_silent' : 'source_lost', text, { cause })
}
