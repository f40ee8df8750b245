/** InfluxDB sink: a batch is one write. A point that is written twice is one point, for it has its signal and its time. */
import type { OpenSink, SinkDeps } from '@skerry/connectors/sink'
import { postToSink } from '@skerry/connectors/sink-http'
import { secretFor } from '@skerry/connectors/sink-secret'
import type { InfluxConnection } from '@skerry/contract/sinks/protocols/sink-influx'
import type { InfluxSink } from '@skerry/contract/sinks/sink'
import { influxLine } from './line.ts'

export const openInflux: OpenSink<InfluxSink> = async ({ connection }, deps, signal) => {
  signal.throwIfAborted()
  const url = addressOf(connection)
  const headers = { 'content-type': 'text/plain; charset=utf-8', ...credentialsOf(connection, deps) }
  const { measurement, timeoutMs } = connection
  return {
    async send({ values }, sending) {
      const body = values.map((value) => influxLine(measurement, value)).join('\n')
      return postToSink({ url, headers, body, timeoutMs }, sending)
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

function addressOf({ url, target }: InfluxConnection): string {
  const base = new URL(url)
  const path = base.pathname.replace(/\/$/, '')
  if ('database' in target) {
    const { database: db, retentionPolicy: rp } = target
    const query = new URLSearchParams({ db, ...(rp === undefined ? {} : { rp }), precision: 'ms' })
    return new URL(`${path}/write?${query}`, base).href
  }
  const query = new URLSearchParams({ org: target.organisation, bucket: target.bucket, precision: 'ms' })
  return new URL(`${path}/api/v2/write?${query}`, base).href
}

function credentialsOf({ user, password, token }: InfluxConnection, deps: SinkDeps): Record<string, string> {
  if (token) return { authorization: `Token ${secretFor(token, deps)}` }
  if (user === undefined) return {}
  const both = `${user}:${password ? secretFor(password, deps) : ''}`
  return { authorization: `Basic ${Buffer.from(both).toString('base64')}` }
}
