/** PostgreSQL sink: a batch is one statement, committed when it is delivered. A value that comes twice has its id, and stays one row. */
import { type OpenSink, type SinkDeps, SinkTrouble } from '@skerry/connectors/sink'
import { secretFor } from '@skerry/connectors/sink-secret'
import type { PostgresConnection } from '@skerry/contract/sinks/protocols/sink-postgres'
import type { PostgresSink } from '@skerry/contract/sinks/sink'
import { type SinkBatch, type SinkValue, sinkValueId } from '@skerry/contract/sinks/sink-value'
import { Client } from 'pg'
import { outcomeOf } from './problem.ts'

/** The time is part of the key because TimescaleDB wants that of its tables. */
const COLUMNS = [
  ['id', 'text'],
  ['time', 'timestamptz'],
  ['signal', 'text'],
  ['number', 'double precision'],
  ['text', 'text'],
  ['quality', 'text'],
  ['cause', 'text'],
  ['unit', 'text'],
  ['source', 'text'],
  ['tag', 'text'],
  ['flow', 'text'],
] as const

export const openPostgres: OpenSink<PostgresSink> = async ({ connection }, deps, signal) => {
  signal.throwIfAborted()
  const client = newClient(connection, deps)
  const table = `"${connection.schema}"."${connection.table}"`
  // Said again by whatever is asked next.
  client.on('error', () => undefined)
  try {
    await client.connect()
    if (connection.create) await client.query(tableText(table))
    if (connection.hypertable) await client.query(HYPERTABLE, [table])
  } catch (error) {
    await client.end().catch(() => undefined)
    const outcome = outcomeOf(error)
    throw new SinkTrouble('sink_unfit', outcome.ok ? 'it cannot be used' : outcome.message, { cause: error })
  }
  const text = insertText(table)
  return {
    async send(batch) {
      try {
        await client.query({ name: 'skerry-insert', text, values: columnsOf(batch) })
        return { ok: true }
      } catch (error) {
        return outcomeOf(error)
      }
    },
    // One that does not answer any more is not waited for.
    async [Symbol.asyncDispose]() {
      await Promise.race([client.end().catch(() => undefined), deps.clock.sleep(1_000, AbortSignal.timeout(2_000))])
    },
  }
}

function newClient(connection: PostgresConnection, deps: SinkDeps): Client {
  const { host, port, database, user, password, tls, authority, timeoutMs } = connection
  return new Client({
    host,
    port,
    database,
    user,
    application_name: 'skerry',
    ...(password ? { password: secretFor(password, deps) } : {}),
    ssl: tls === 'off' ? false : { rejectUnauthorized: true, ...(authority === undefined ? {} : { ca: authority }) },
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    statement_timeout: timeoutMs,
    keepAlive: true,
  })
}

const tableText = (table: string) =>
  `CREATE TABLE IF NOT EXISTS ${table} (${COLUMNS.map(([name, type]) => `${name} ${type}`).join(', ')}, PRIMARY KEY (id, time))`

/** [docs.tigerdata.com, create_hypertable] In chunks of a week, as it does by itself; rows that are there move into them. */
const HYPERTABLE =
  "SELECT create_hypertable($1::regclass, by_range('time'), if_not_exists => true, migrate_data => true)"

const insertText = (table: string) =>
  `INSERT INTO ${table} (${COLUMNS.map(([name]) => name).join(', ')}) SELECT * FROM unnest(${COLUMNS.map(
    ([, type], index) => `$${index + 1}::${type}[]`,
  ).join(', ')}) ON CONFLICT DO NOTHING`

function columnsOf(batch: SinkBatch): unknown[][] {
  const { values } = batch
  return [
    values.map((_, index) => sinkValueId(batch, batch.first + index)),
    values.map(({ eventTimeMs }) => new Date(eventTimeMs).toISOString()),
    values.map(({ signal }) => signal),
    values.map(numberOf),
    values.map(textOf),
    values.map(({ quality }) => quality),
    values.map((value) => (value.quality === 'good' ? null : value.cause)),
    ...(['unit', 'source', 'tag', 'flow'] as const).map((name) => values.map((value) => value[name] ?? null)),
  ]
}

/** Booleans are numbers, so that an average says how much of the time it was so. */
function numberOf(value: SinkValue): number | null {
  const content = value.quality === 'bad' ? undefined : value.value
  if (typeof content === 'boolean') return content ? 1 : 0
  return typeof content === 'number' ? content : null
}

function textOf(value: SinkValue): string | null {
  const content = value.quality === 'bad' ? undefined : value.value
  if (typeof content === 'string') return content
  return typeof content === 'object' ? JSON.stringify(content) : null
}
