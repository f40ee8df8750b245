/** AMQP sink: publishes each value as a persistent message, and has delivered it when the broker confirms it, which it does when it is in a queue and on disk. */
import type { SinkDeps } from '@skerry/connectors/sink'
import { type OpenSink, type SendOutcome, SinkTrouble } from '@skerry/connectors/sink'
import { sinkLine } from '@skerry/connectors/sink-line'
import { answered } from '@skerry/connectors/sink-patience'
import { secretFor } from '@skerry/connectors/sink-secret'
import { filledIn } from '@skerry/connectors/sink-template'
import { tlsOptions } from '@skerry/connectors/tls'
import { secretsNamedIn } from '@skerry/contract/secrets/secret-reference'
import type { AmqpConnection } from '@skerry/contract/sinks/protocols/sink-amqp'
import type { AmqpSink } from '@skerry/contract/sinks/sink'
import { type SinkBatch, type SinkValue, sinkValueId } from '@skerry/contract/sinks/sink-value'
import { untilLost } from '@skerry/platform/process/until-lost'
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib'
import { troubleOf } from './trouble.ts'

/** So many without a confirmation: a broker that is blocked has no more than these in hand. */
const UNDER_WAY_MAX = 200

/** A broker that takes longer to say goodbye is left. */
const GOODBYE_MS = 500

/** [AMQP 0-9-1, 4.2.5.3] */
const KEY_BYTES_MAX = 255

export const openAmqp: OpenSink<AmqpSink> = async ({ name, connection }, deps, signal) => {
  signal.throwIfAborted()
  const link = await open(name, connection, deps, signal)
  return {
    async send(batch, sending) {
      for (let from = 0; from < batch.values.length; from += UNDER_WAY_MAX) {
        sending.throwIfAborted()
        const outcome = await sendSome(link, batch, from, sending)
        if (!outcome.ok) return outcome
      }
      return { ok: true }
    },
    [Symbol.asyncDispose]: () => leave(link.model),
  }
}

type Link = {
  connection: AmqpConnection
  model: ChannelModel
  channel: ConfirmChannel
  lost: Promise<never>
  /** Why the broker takes nothing now, as it says. */
  blocked: string | undefined
  /** Routing keys, by id, of messages that came back since somebody looked. */
  returned: Map<string, string>
}

async function open(name: string, connection: AmqpConnection, deps: SinkDeps, signal: AbortSignal): Promise<Link> {
  const { exchange, timeoutMs } = connection
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => undefined)
  let model: ChannelModel | undefined
  try {
    model = await connectTo(name, connection, deps, signal)
    model.on('error', lost.reject)
    model.on('close', (error) => lost.reject(error ?? new SinkTrouble('sink_lost', 'the connection was closed')))
    const channel = await answered(Promise.race([model.createConfirmChannel(), lost.promise]), timeoutMs, signal)
    channel.on('error', lost.reject)
    const link: Link = { connection, model, channel, lost: lost.promise, blocked: undefined, returned: new Map() }
    watch(link)
    const isThere = exchange === '' ? undefined : channel.checkExchange(exchange)
    await answered(Promise.race([isThere, lost.promise]), timeoutMs, signal)
    return link
  } catch (error) {
    if (model) await leave(model)
    signal.throwIfAborted()
    throw troubleOf(error)
  }
}

async function connectTo(name: string, connection: AmqpConnection, deps: SinkDeps, signal: AbortSignal) {
  const { host, port, tls, vhost, user, password, heartbeatSeconds, timeoutMs } = connection
  const secrets = Object.fromEntries(secretsNamedIn(tls).map((secret) => [secret, secretFor({ secret }, deps)]))
  const address = {
    protocol: tls ? 'amqps' : 'amqp',
    hostname: host,
    port: port ?? (tls ? 5_671 : 5_672),
    username: user,
    password: secretFor(password, deps),
    heartbeat: heartbeatSeconds,
    // The library reads it as part of an address.
    vhost: encodeURIComponent(vhost),
  }
  const clientProperties = { connection_name: `skerry-${name}` }
  const socket = { ...(tls ? tlsOptions(tls, secrets) : {}), timeout: timeoutMs, noDelay: true, clientProperties }
  const connecting = connect(address, socket)
  try {
    return await answered(connecting, timeoutMs, signal)
  } catch (error) {
    void connecting.then(leave, () => undefined)
    throw error
  }
}

function watch(link: Link): void {
  link.model.on('blocked', (reason) => {
    link.blocked = reason
  })
  link.model.on('unblocked', () => {
    link.blocked = undefined
  })
  link.channel.on('return', ({ properties, fields }) => {
    const id: unknown = properties.messageId
    if (typeof id === 'string') link.returned.set(id, fields.routingKey)
  })
}

async function sendSome(link: Link, batch: SinkBatch, from: number, signal: AbortSignal): Promise<SendOutcome> {
  const { connection } = link
  if (link.blocked !== undefined) throw blockedFor(link.blocked)
  const some = batch.values.slice(from, from + UNDER_WAY_MAX)
  const keys = some.map((value) => keyFor(connection.routingKey, value))
  const long = keys.find((key) => Buffer.byteLength(key) > KEY_BYTES_MAX)
  if (long !== undefined) {
    const message = `the routing key ${long} has more than ${KEY_BYTES_MAX} bytes`
    return { ok: false, code: some.length > 1 ? 'batch_too_large' : 'value_refused', message }
  }
  const sent = some.map((value, index) =>
    publish(link, keys[index] ?? '', sinkValueId(batch, batch.first + from + index), value),
  )
  try {
    await answered(untilLost(Promise.all(sent), link.lost), connection.timeoutMs, signal)
  } catch (error) {
    signal.throwIfAborted()
    throw link.blocked === undefined ? troubleOf(error) : blockedFor(link.blocked)
  }
  throwReturned(link)
  return { ok: true }
}

/** Resolves when the broker confirms it. */
function publish({ channel, connection }: Link, key: string, id: string, value: SinkValue): Promise<void> {
  const { exchange, mandatory } = connection
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // [RabbitMQ] A time stamp is in seconds; that of the value, to the millisecond, is in it.
  const timestamp = Math.floor(value.eventTimeMs / 1_000)
  const about = { persistent: true, mandatory, messageId: id, contentType: 'application/json', timestamp }
  channel.publish(exchange, key, Buffer.from(sinkLine(id, value)), about, (error: unknown) => {
    if (!error) resolve()
    else reject(new SinkTrouble('sink_busy', 'the broker rejected a message: a queue is full, or has failed'))
  })
  return promise
}

/** A message that comes back is confirmed, too: right before its confirmation. */
function throwReturned({ returned, connection }: Link): void {
  const [first] = returned.values()
  if (first === undefined) return
  const count = returned.size
  returned.clear()
  const exchange = connection.exchange === '' ? 'the default exchange' : `the exchange ${connection.exchange}`
  throw new SinkTrouble(
    'sink_unfit',
    `no queue receives ${first} from ${exchange}, and the broker returned ${count}; bind a queue, or set mandatory: false`,
  )
}

const blockedFor = (reason: string) => new SinkTrouble('sink_busy', `the broker accepts no messages now (${reason})`)

const keyFor = (template: string, value: SinkValue) => filledIn(template, value, '.')

async function leave(model: ChannelModel): Promise<void> {
  model.on('error', () => undefined)
  await answered(model.close(), GOODBYE_MS).catch(() => undefined)
}
