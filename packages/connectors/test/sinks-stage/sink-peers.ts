/** Sink peers: the destinations that sinks are tested against. Each is a program by other people, in one form. */
import { connect } from '@nats-io/transport-node'
import { hasInflux, startInflux } from '@skerry/testkit/peers/influx-peer'
import { hasKafka, startKafka } from '@skerry/testkit/peers/kafka-peer'
import { hasMosquitto } from '@skerry/testkit/peers/mosquitto'
import { hasNats, startNats } from '@skerry/testkit/peers/nats-peer'
import { hasRabbit, startRabbit } from '@skerry/testkit/peers/rabbit-peer'
import {
  hasPostgres,
  hasTimescale,
  newDatabase,
  sqlOn,
  startPostgres,
  TIMESCALE,
} from '@skerry/testkit/postgres-cluster'
import { hasProtoc } from '@skerry/testkit/protoc'
import { hasPython } from '../stage/http-machine.ts'
import { startMqttPeer, startSparkplugPeer } from './broker-peers.ts'
import { ANSWER_MS } from './sink-limits.ts'
import { startWebhookPeer } from './webhook-peer.ts'

export type SinkPeer = AsyncDisposable & {
  /** The configuration of a sink to it, without a name. Its password is the secret `password`. */
  draft: object
  password: string
  /** The numbers that arrived, in the order of their arrival if that is known. */
  numbers(): Promise<number[]>
  /** Ends the peer. If the peer keeps values only in memory, it cuts every connection to it instead. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Absent if the peer cannot be frozen. */
  freeze?(): void
  thaw?(): void
}

export type SinkProtocol = {
  name: string
  isThere: boolean
  /** The peer accepts every client. */
  isOpen?: true
  startPeer(): Promise<SinkPeer>
}

export const sinkProtocols: SinkProtocol[] = [
  { name: 'postgres', isThere: hasPostgres, startPeer: () => startPostgresPeer({}) },
  {
    name: 'postgres with timescaledb',
    isThere: hasTimescale,
    startPeer: () => startPostgresPeer({ hypertable: true }, TIMESCALE),
  },
  { name: 'webhook', isThere: hasPython, startPeer: startWebhookPeer },
  { name: 'mqtt', isThere: hasMosquitto, startPeer: startMqttPeer },
  { name: 'sparkplug', isThere: hasMosquitto && hasProtoc, startPeer: startSparkplugPeer },
  { name: 'nats', isThere: hasNats, startPeer: startNatsPeer },
  { name: 'influx', isThere: hasInflux, startPeer: startInfluxPeer },
  { name: 'amqp', isThere: hasRabbit, startPeer: startRabbitPeer },
  { name: 'kafka', isThere: hasKafka, isOpen: true, startPeer: startKafkaPeer },
]

const secret = { secret: 'password' }

async function startPostgresPeer(more: { hypertable?: true }, settings: readonly string[] = []): Promise<SinkPeer> {
  const cluster = await startPostgres({ settings })
  const url = await newDatabase(cluster.url)
  if (more.hypertable) await sqlOn(url, 'create extension timescaledb')
  const { hostname: host, port, username: user, password, pathname } = new URL(url)
  return {
    draft: {
      protocol: 'postgres',
      connection: {
        host,
        port: Number(port),
        user,
        password: secret,
        database: pathname.slice(1),
        tls: 'off',
        timeoutMs: ANSWER_MS,
        ...more,
      },
    },
    password,
    async numbers() {
      const rows = await sqlOn(url, 'select number from skerry_values order by xmin::text::bigint, ctid').catch(
        () => [],
      )
      return rows.map(Number)
    },
    kill: () => cluster.stop('immediate'),
    start: () => cluster.start(),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}

async function startInfluxPeer(): Promise<SinkPeer> {
  const peer = await startInflux()
  const { url, user, password, database } = peer
  return {
    draft: {
      protocol: 'influx',
      connection: { url, user, password: secret, target: { database }, timeoutMs: ANSWER_MS },
    },
    password,
    numbers: async () => (await peer.query('SELECT number FROM skerry')).map(([, number]) => Number(number)),
    kill: () => peer.kill(),
    start: () => peer.start(),
    freeze: () => peer.freeze(),
    thaw: () => peer.thaw(),
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  }
}

async function startNatsPeer(): Promise<SinkPeer> {
  const peer = await startNats()
  const { port, user, password } = peer
  // Uses the wire API, which is JSON over requests: independent of the sink's library calls.
  const ask = async (
    subject: string,
    order: object,
  ): Promise<{ message?: { data: string }; state?: { messages: number } }> => {
    const link = await connect({ servers: `127.0.0.1:${port}`, user, pass: password, reconnect: false })
    const answer = await link.request(`$JS.API.STREAM.${subject}.VALUES`, JSON.stringify(order), { timeout: 60_000 })
    await link.close()
    return answer.json()
  }
  await ask('CREATE', {
    name: 'VALUES',
    subjects: ['plant.values'],
    storage: 'file',
    duplicate_window: 120_000_000_000,
  })
  const numbers: number[] = []
  return {
    draft: {
      protocol: 'nats',
      connection: {
        host: '127.0.0.1',
        port,
        user,
        password: secret,
        subject: 'plant.values',
        tls: 'off',
        timeoutMs: ANSWER_MS,
      },
    },
    password,
    async numbers() {
      const { state } = await ask('INFO', {}).catch(() => ({ state: undefined }))
      const link = await connect({ servers: `127.0.0.1:${port}`, user, pass: password, reconnect: false })
      for (let seq = numbers.length + 1; seq <= (state?.messages ?? 0); seq += 1) {
        const answer = await link.request('$JS.API.STREAM.MSG.GET.VALUES', JSON.stringify({ seq }), { timeout: 60_000 })
        const { message }: { message: { data: string } } = answer.json()
        numbers.push(JSON.parse(Buffer.from(message.data, 'base64').toString()).value)
      }
      await link.close()
      return [...numbers]
    },
    kill: () => peer.kill(),
    start: () => peer.start(),
    freeze: () => peer.freeze(),
    thaw: () => peer.thaw(),
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  }
}

async function startKafkaPeer(): Promise<SinkPeer> {
  const peer = await startKafka(['values:1'])
  return {
    draft: {
      protocol: 'kafka',
      connection: { brokers: [`127.0.0.1:${peer.port}`], topic: 'values', timeoutMs: ANSWER_MS },
    },
    password: '',
    numbers: async () => (await peer.records('values')).map(({ value }) => JSON.parse(value).value),
    kill: () => peer.cut(),
    start: () => peer.mend(),
    freeze: () => peer.freeze(),
    thaw: () => peer.thaw(),
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  }
}

async function startRabbitPeer(): Promise<SinkPeer> {
  const peer = await startRabbit()
  const { port, user, password } = peer
  await peer.bind('amq.topic', 'values', 'plant.#')
  const numbers: number[] = []
  return {
    draft: {
      protocol: 'amqp',
      connection: {
        host: '127.0.0.1',
        port,
        user,
        password: secret,
        routingKey: 'plant.{signal}',
        timeoutMs: ANSWER_MS,
      },
    },
    password,
    async numbers() {
      numbers.push(...(await peer.drain('values')).map(({ body }) => Number(JSON.parse(body).value)))
      return [...numbers]
    },
    kill: () => peer.kill(),
    start: () => peer.start(),
    freeze: () => peer.freeze(),
    thaw: () => peer.thaw(),
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  }
}
