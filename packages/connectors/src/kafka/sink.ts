/**
 * Kafka sink: each value is a record, and a batch is delivered when every replica that is in step has it. What was under way when a connection ended is sent
 * again over the next, so that it may be there twice: with the same id.
 */
import { isIP } from 'node:net'
import { ProduceAcks, Producer } from '@platformatic/kafka'
import type { OpenSink, SinkDeps } from '@skerry/connectors/sink'
import { sinkLine } from '@skerry/connectors/sink-line'
import { answered } from '@skerry/connectors/sink-patience'
import { secretFor } from '@skerry/connectors/sink-secret'
import { filledIn } from '@skerry/connectors/sink-template'
import { tlsOptions } from '@skerry/connectors/tls'
import { secretsNamedIn } from '@skerry/contract/secrets/secret-reference'
import type { Tls } from '@skerry/contract/sinks/broker'
import type { KafkaConnection } from '@skerry/contract/sinks/protocols/sink-kafka'
import type { KafkaSink } from '@skerry/contract/sinks/sink'
import { type SinkBatch, sinkValueId } from '@skerry/contract/sinks/sink-value'
import { refusalOf, troubleOf } from './trouble.ts'

/** Within one connection, where the broker knows what comes twice; after that it is the forwarder that tries again. Fewer than two the library takes for endless. */
const RETRIES = 2
const RETRY_MS = 200

/** A broker that takes longer to say goodbye is left; the library closes the connection when its last request has timed out. */
const GOODBYE_MS = 500

export const openKafka: OpenSink<KafkaSink> = async ({ name, connection }, deps, signal) => {
  signal.throwIfAborted()
  const producer = producerFor(name, connection, deps)
  const { topic, create } = connection
  const close = () => answered(producer.close(true), GOODBYE_MS).catch(() => undefined)
  try {
    const topics = topic.includes('{') ? [] : [topic]
    await answered(producer.metadata({ topics, autocreateTopics: create }), connection.timeoutMs, signal)
  } catch (error) {
    await close()
    signal.throwIfAborted()
    throw troubleOf(error)
  }
  return {
    async send(batch, sending) {
      sending.throwIfAborted()
      try {
        // The library has limits for each request; this is the one for all of them together.
        await answered(producer.send({ messages: recordsOf(batch, connection) }), connection.timeoutMs, sending)
        return { ok: true }
      } catch (error) {
        sending.throwIfAborted()
        return refusalOf(error)
      }
    },
    [Symbol.asyncDispose]: close,
  }
}

function producerFor(name: string, connection: KafkaConnection, deps: SinkDeps): Producer {
  const { brokers, compression, create, idempotent, tls, sasl, timeoutMs } = connection
  const secrets = Object.fromEntries(secretsNamedIn(tls).map((secret) => [secret, secretFor({ secret }, deps)]))
  return new Producer({
    clientId: `skerry-${name}`,
    bootstrapBrokers: brokers.map(addressOf),
    acks: ProduceAcks.ALL,
    idempotent,
    compression,
    autocreateTopics: create,
    // [KIP-360] A producer that has no id yet says -1. The library says 0, which only brokers overlook that ignore it.
    producerId: -1n,
    producerEpoch: -1,
    retries: RETRIES,
    retryDelay: RETRY_MS,
    connectTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    timeout: timeoutMs,
    ...(tls ? { tls: tlsOptions(tls, secrets), ...nameOf(tls, brokers) } : {}),
    ...(sasl ? { sasl: saslOf(sasl, deps) } : {}),
  })
}

/** [RFC 6066, 3] An address is not told as the name of a server. */
const nameOf = ({ serverName }: Tls, brokers: string[]) => ({
  tlsServerName: serverName ?? !brokers.some((broker) => isIP(addressOf(broker).host)),
})

const saslOf = ({ mechanism, user, password }: NonNullable<KafkaConnection['sasl']>, deps: SinkDeps) => ({
  mechanism: MECHANISMS[mechanism],
  username: user,
  password: secretFor(password, deps),
})

const MECHANISMS = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
} as const

function addressOf(text: string): { host: string; port: number } {
  const at = text.lastIndexOf(':')
  return { host: text.slice(0, at).replaceAll(/[[\]]/g, ''), port: Number(text.slice(at + 1)) }
}

function recordsOf(batch: SinkBatch, { topic, key }: KafkaConnection) {
  return batch.values.map((value, index) => {
    const id = sinkValueId(batch, batch.first + index)
    return {
      // A topic's name has no `/`, which signals do have.
      topic: filledIn(topic, value, '.'),
      key: Buffer.from(filledIn(key, value)),
      value: Buffer.from(sinkLine(id, value)),
      headers: new Map([[Buffer.from('id'), Buffer.from(id)]]),
      timestamp: BigInt(value.eventTimeMs),
    }
  })
}
