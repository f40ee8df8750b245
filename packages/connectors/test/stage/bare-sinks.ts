/** Bare sinks: what somebody writes who has only the client library, for a benchmark to compare with. */

import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import { connectAsync } from 'mqtt'
import { Client } from 'pg'

/** Sends a batch, and resolves when it is with whoever should have it. */
export type Sender = AsyncDisposable & { send(values: readonly SinkValue[], first: number): Promise<void> }

/** A batch is one statement, as of the sink. */
export async function openBarePostgres(url: string): Promise<Sender> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(
    'CREATE TABLE bare (id text, time timestamptz, signal text, number double precision, PRIMARY KEY (id, time))',
  )
  const text =
    'INSERT INTO bare SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::double precision[]) ON CONFLICT DO NOTHING'
  return {
    async send(values, first) {
      const columns = [
        values.map((_, index) => String(first + index)),
        values.map(({ eventTimeMs }) => new Date(eventTimeMs).toISOString()),
        values.map(({ signal }) => signal),
        values.map((value) => (value.quality === 'bad' ? null : value.value)),
      ]
      await client.query({ name: 'bare', text, values: columns })
    },
    [Symbol.asyncDispose]: () => client.end(),
  }
}

/** As many without an acknowledgement as of the sink. */
const UNDER_WAY_MAX = 20

export async function openBareMqtt(port: number): Promise<Sender> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`)
  return {
    async send(values, first) {
      for (let from = 0; from < values.length; from += UNDER_WAY_MAX) {
        const some = values.slice(from, from + UNDER_WAY_MAX)
        const lines = some.map((value, index) => JSON.stringify({ id: String(first + from + index), ...value }))
        await Promise.all(
          some.map(({ signal }, index) => client.publishAsync(`bare/${signal}`, lines[index] ?? '', { qos: 1 })),
        )
      }
    },
    [Symbol.asyncDispose]: () => client.endAsync(),
  }
}
