/**
 * Broker connection: one connection to an MQTT broker, from its beginning to its end. The library would reconnect by
 * itself, and keep unsent messages in memory. Other parts do both: there people can see it, and it survives a crash.
 * Messages are handled one after the other. While a message waits, the broker waits.
 */

import { SourceTrouble } from '@skerry/connectors/session'
import { secretOf, tlsOptions } from '@skerry/connectors/tls'
import type { BrokerConnection, Qos } from '@skerry/contract/sinks/broker'
import { startDeadline } from '@skerry/platform/process/deadline'
import { untilLost } from '@skerry/platform/process/until-lost'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'

export type Message = { topic: string; payload: Buffer; isRetained: boolean }

export type Will = { topic: string; payload: Buffer; qos: Qos; retain: boolean }

export type Broker = AsyncDisposable & {
  /** Resolves with the filters that the broker rejects. Throws `SourceTrouble`. */
  subscribe(filters: readonly string[], qos: Qos): Promise<string[]>
  /**
   * Resolves when the broker has the message, as far as the quality of service confirms that. `isHeard`: somebody is
   * subscribed, as far as the broker reports it. Throws `SourceTrouble`.
   */
  publish(
    topic: string,
    payload: string | Buffer,
    options: { qos: Qos; retain: boolean },
  ): Promise<{ isHeard: boolean }>
  /**
   * Resolves when the broker has taken all earlier messages, of any quality: it answers in order. Throws
   * `SourceTrouble`.
   */
  settle(): Promise<void>
  /** Rejects with a `SourceTrouble` when the connection no longer works. */
  lost: Promise<never>
}

export type BrokerOptions = {
  connection: BrokerConnection
  /** Part of the client id, if the connection names none. */
  name: string
  random: () => number
  secrets: Readonly<Record<string, string>>
  /** A clean session if it is absent. */
  session?: { keptSeconds: number }
  will?: Will
  onMessage(message: Message): Promise<void> | undefined
}

/**
 * Machines send a few kilobytes. Brokers of version 5 receive this limit, and keep to it. Larger messages of other
 * brokers are dropped.
 */
const MESSAGE_BYTES_MAX = 1_048_576

/** [MQTT 3.3.4] The most unacknowledged messages at once. The broker keeps the rest. */
const RECEIVE_MAX = 100

/** In milliseconds. After this time without a closing answer, the connection is dropped. */
const GOODBYE_MS = 500

/** Connects to the broker. Throws `SourceTrouble`. */
export async function openBroker(options: BrokerOptions, signal: AbortSignal): Promise<Broker> {
  signal.throwIfAborted()
  const { connection } = options
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => undefined)
  const client = mqtt.connect(clientOptions(options))
  client.handleMessage = (packet, done) => {
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
    const { topic, retain: isRetained } = packet
    if (payload.length > MESSAGE_BYTES_MAX) done()
    else handle(() => options.onMessage({ topic, payload, isRetained }), done, lost.reject)
  }
  try {
    await connected(client, connection, signal)
  } catch (error) {
    await leave(client)
    signal.throwIfAborted()
    throw error
  }
  client.on('error', (error) => lost.reject(lostOf(connection, error)))
  client.on('disconnect', ({ reasonCode }) => lost.reject(lostOf(connection, `it gave the reason ${reasonCode}`)))
  client.on('close', () => lost.reject(lostOf(connection, 'it closed the connection')))
  return brokerOf({ client, connection, lost })
}

type Opened = { client: MqttClient; connection: BrokerConnection; lost: PromiseWithResolvers<never> }

function brokerOf({ client, connection, lost }: Opened): Broker {
  const unheard = watchUnheard(client)
  const ping = watchPings(client)
  const answered = <T>(work: Promise<T>) => untilLost(within(work, connection, lost.reject), lost.promise)
  return {
    lost: lost.promise,
    subscribe: (filters, qos) => answered(subscribeAll(client, filters, qos)),
    async publish(topic, payload, { qos, retain }) {
      const sent = client.publishAsync(topic, payload, { qos, retain }).catch(throwRefused)
      const id = client.getLastMessageId()
      await answered(sent)
      return { isHeard: !unheard.delete(id) }
    },
    settle: () => answered(ping()),
    [Symbol.asyncDispose]: () => leave(client),
  }
}

/** [MQTT 3.12] Sends a ping, and resolves when the broker answers this ping, not an earlier one. */
function watchPings(client: MqttClient): () => Promise<void> {
  let asked = 0
  let answers = 0
  const waiting: { number: number; resolve: () => void }[] = []
  client.on('packetsend', ({ cmd }) => {
    if (cmd === 'pingreq') asked += 1
  })
  client.on('packetreceive', ({ cmd }) => {
    if (cmd !== 'pingresp') return
    answers += 1
    while ((waiting[0]?.number ?? Number.POSITIVE_INFINITY) <= answers) waiting.shift()?.resolve()
  })
  return () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    client.sendPing()
    waiting.push({ number: asked, resolve })
    return promise
  }
}

/**
 * [MQTT 3.4.2.1] Reason 16: the broker has the message, and nobody is subscribed. The library does not pass this on.
 */
const NO_SUBSCRIBERS = 16

/** The ids of messages without a subscriber. The publisher of a message removes its id. */
function watchUnheard(client: MqttClient): Set<number> {
  const unheard = new Set<number>()
  client.on('packetreceive', (packet) => {
    const isAnswer = packet.cmd === 'puback' || packet.cmd === 'pubrec'
    if (isAnswer && packet.reasonCode === NO_SUBSCRIBERS && packet.messageId) unheard.add(packet.messageId)
  })
  return unheard
}

/** The broker rejects this message. The connection still works. */
export class PublishRefused extends Error {
  override name = 'PublishRefused'
  /** [MQTT 2.4] */
  readonly reason: number

  constructor(reason: number, message: string, options: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

function throwRefused(cause: unknown): never {
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'number') {
    throw new PublishRefused(cause.code, `the broker rejects the message (${cause.message})`, { cause })
  }
  throw cause
}

function clientOptions(options: BrokerOptions): IClientOptions {
  const { connection, session, secrets, will } = options
  const { host, tls, user, password, version, timeoutMs, keepaliveSeconds } = connection
  const isFive = version === 5
  const serial = Math.floor(options.random() * 2 ** 32).toString(36)
  return {
    host,
    port: connection.port ?? (tls ? 8883 : 1883),
    protocol: tls ? 'mqtts' : 'mqtt',
    protocolVersion: isFive ? 5 : 4,
    keepalive: keepaliveSeconds,
    connectTimeout: timeoutMs,
    clientId: connection.clientId ?? `skerry-${options.name.slice(0, 40)}-${serial}`,
    clean: !session,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    reschedulePings: false,
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password: secretOf(password, secrets) }),
    ...(tls ? tlsOptions(tls, secrets) : {}),
    ...(will ? { will } : {}),
    ...(isFive ? { properties: properties(session?.keptSeconds) } : {}),
  }
}

const properties = (keptSeconds: number | undefined) => ({
  receiveMaximum: RECEIVE_MAX,
  maximumPacketSize: MESSAGE_BYTES_MAX,
  ...(keptSeconds === undefined ? {} : { sessionExpiryInterval: keptSeconds }),
})

async function connected(client: MqttClient, connection: BrokerConnection, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onError = (error: Error) => reject(refusalOf(connection, error))
  const onClose = () => reject(refusalOf(connection, 'it closed the connection before it answered'))
  const onAbort = () => reject(signal.reason)
  client.on('connect', () => resolve())
  client.on('error', onError)
  client.on('close', onClose)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await promise
  } finally {
    signal.removeEventListener('abort', onAbort)
    client.off('close', onClose)
    // No part handles later errors, but they must not end the thread.
    client.on('error', () => undefined)
    client.off('error', onError)
  }
}

const addressOf = ({ host, port, tls }: BrokerConnection) => `${host}:${port ?? (tls ? 8883 : 1883)}`

/**
 * [MQTT 3.2.2.2] A reason code shows that the broker is there. If the broker closes the connection after TLS, it
 * requires a client certificate.
 */
function refusalOf(connection: BrokerConnection, cause: Error | string): SourceTrouble {
  const isRefusal = cause instanceof Error && 'code' in cause && typeof cause.code === 'number'
  const code = isRefusal || isUntrusted(cause) ? 'source_refused' : 'source_unreachable'
  const words = isRefusal ? 'rejects the sign-in' : 'cannot be connected to'
  const options = cause instanceof Error ? { cause } : {}
  return new SourceTrouble(code, `${addressOf(connection)} ${words} (${reasonOf(cause)})`, options)
}

/** The codes of TLS for a certificate that is not trusted, ours or the broker's. */
const isUntrusted = (cause: Error | string) =>
  cause instanceof Error && 'code' in cause && /CERT|SIGNATURE|ISSUER|ALTNAME|SSL/.test(String(cause.code))

function lostOf(connection: BrokerConnection, cause: Error | string): SourceTrouble {
  const isSilent = cause instanceof Error && cause.message === 'Keepalive timeout'
  const code = isSilent ? 'source_silent' : 'source_lost'
  const options = cause instanceof Error ? { cause } : {}
  return new SourceTrouble(code, `the connection to ${addressOf(connection)} is lost (${reasonOf(cause)})`, options)
}

const reasonOf = (cause: Error | string) => (cause instanceof Error ? cause.message || cause.name : cause)

/** If the broker does not answer in time, the connection ends. */
async function within<T>(
  work: Promise<T>,
  connection: BrokerConnection,
  lose: (trouble: SourceTrouble) => void,
): Promise<T> {
  const stop = startDeadline(connection.timeoutMs, () => {
    const words = `${addressOf(connection)} did not answer within ${connection.timeoutMs} ms`
    lose(new SourceTrouble('source_silent', words))
  })
  try {
    return await work
  } catch (cause) {
    if (cause instanceof PublishRefused) throw cause
    throw lostOf(connection, cause instanceof Error ? cause : String(cause))
  } finally {
    stop()
  }
}

/** [MQTT 3.9.3] A code of 128 or more marks a rejected filter. */
async function subscribeAll(client: MqttClient, filters: readonly string[], qos: Qos): Promise<string[]> {
  const refused: string[] = []
  // After a rejection, the filters are sent one by one: the library fails the whole request if the broker rejects one.
  for (let from = 0; from < filters.length; from += SUBSCRIBE_AT_ONCE) {
    const some = filters.slice(from, from + SUBSCRIBE_AT_ONCE)
    await client.subscribeAsync(some, { qos }).catch(async (cause) => {
      if (!isSubackError(cause)) throw cause
      if (some.length === 1) refused.push(...some)
      else for (const filter of some) refused.push(...(await subscribeAll(client, [filter], qos)))
    })
  }
  return refused
}

/** The most filters in one request: a message of some kilobytes. */
const SUBSCRIBE_AT_ONCE = 100

const isSubackError = (cause: unknown) => cause instanceof Error && cause.name === 'ErrorWithSubackPacket'

function handle(work: () => Promise<void> | undefined, done: () => void, lose: (cause: unknown) => void): void {
  const waiting = work()
  if (waiting) waiting.then(done, lose)
  else done()
}

/** Disconnects cleanly, so that the broker does not publish the will. It does not wait for a broker that is gone. */
async function leave(client: MqttClient): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, GOODBYE_MS)
  client.end(false, {}, () => resolve())
  await promise
  clearTimeout(timer)
  client.stream?.destroy()
}
