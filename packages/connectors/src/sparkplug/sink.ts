/**
 * Sparkplug sink: an edge node. It is born with what it has told, says its births again when it is asked, and stops while its primary host is not there.
 * What hosts may write is handed on to whoever writes tags.
 * [Sparkplug 3.0.0, 5 and 6]
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Broker, Message } from '@skerry/connectors/broker/connection'
import { asSink, openSinkBroker } from '@skerry/connectors/broker/sink-broker'
import { type OpenSink, type SinkDeps, SinkTrouble } from '@skerry/connectors/sink'
import type { SparkplugSinkConnection } from '@skerry/contract/sinks/protocols/sink-sparkplug'
import type { SparkplugSink } from '@skerry/contract/sinks/sink'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import { untilLost } from '@skerry/platform/process/until-lost'
import { commandsIn, writableOf } from './commands.ts'
import { createEdge, type Edge, type EdgeMessage, type Writable } from './edge.ts'
import { BD_SEQ, encodePayload } from './payload.ts'
import { parseState, stateTopic, topicOf } from './topic.ts'

/** [5.4] What a node without its primary host does: nothing, and looks again. */
const HOST_PAUSE_MS = 5_000

type Living = {
  connection: SparkplugSinkConnection
  clock: Clock
  onCommand: SinkDeps['onCommand']
  edge: Edge
  writable: Writable
  /** Where commands are heard, and of which device they are. */
  commandTopics: ReadonlyMap<string, string | undefined>
  broker: Broker | undefined
  host: { isOnline: boolean; timestamp: number }
  /** Resolves when the primary host is there, and rejects when it is there no more. */
  online: PromiseWithResolvers<void>
  offline: PromiseWithResolvers<never>
}

export const openSparkplugSink: OpenSink<SparkplugSink> = async ({ name, connection }, deps, signal) => {
  const bdSeq = await nextBdSeq(deps.folder, name)
  const writable = writableOf(connection.commands)
  const it: Living = {
    connection,
    clock: deps.clock,
    onCommand: deps.onCommand,
    broker: undefined,
    edge: createEdge(bdSeq, writable),
    writable,
    commandTopics: commandTopicsOf(connection),
    host: { isOnline: false, timestamp: 0 },
    online: Promise.withResolvers(),
    offline: Promise.withResolvers(),
  }
  it.offline.promise.catch(() => undefined)
  const death = deathOf(bdSeq, deps.clock)
  const topic = topicOf('NDEATH', connection)
  const will = { topic, payload: death, qos: 1 as const, retain: false }
  const broker = await openSinkBroker(
    { connection, name, will, onMessage: (message) => hear(it, message) },
    deps,
    signal,
  )
  it.broker = broker
  const goodbye = async () => {
    // [6.4.27] Who goes of his own accord says it himself: the broker keeps the will back.
    await broker.publish(topic, death, { qos: 1, retain: false }).catch(() => undefined)
    await broker[Symbol.asyncDispose]()
  }
  try {
    await asSink(beBorn(it, broker, signal))
  } catch (error) {
    await broker[Symbol.asyncDispose]()
    throw error
  }
  return {
    async send(batch) {
      const isLate = batch.lane.endsWith('-late')
      const messages = it.edge.tell(batch.values, isLate, deps.clock.nowMs())
      await untilLost(asSink(sayAll(it, broker, messages)), it.offline.promise)
      return { ok: true }
    },
    [Symbol.asyncDispose]: goodbye,
  }
}

/** [tck-id-message-flow-edge-node-ncmd-subscribe, tck-id-message-flow-device-dcmd-subscribe] Of devices only those that hosts may write. */
const commandTopicsOf = (connection: SparkplugSinkConnection): ReadonlyMap<string, string | undefined> =>
  new Map([
    [topicOf('NCMD', connection), undefined],
    ...connection.commands.map(({ source }): [string, string] => [
      topicOf('DCMD', { ...connection, device: source }),
      source,
    ]),
  ])

const deathOf = (bdSeq: number, clock: Clock) =>
  encodePayload(clock.nowMs(), undefined, [{ name: BD_SEQ, datatype: 4, raw: { case: 'long', value: BigInt(bdSeq) } }])

/** [6.4.20] One more with each connection, so that the death of one is told from the birth of the next. */
async function nextBdSeq(folder: string, name: string): Promise<number> {
  const path = join(folder, `${name}.bdseq`)
  await mkdir(folder, { recursive: true })
  const before = await readIfPresent(nodeFileSystem, path)
  const next = before === undefined ? 0 : (Number(Buffer.from(before).toString()) + 1) % 256
  // A file that holds no number begins again.
  const bdSeq = Number.isInteger(next) ? next : 0
  await writeAtomic(nodeFileSystem, path, String(bdSeq))
  return bdSeq
}

async function beBorn(it: Living, broker: Broker, signal: AbortSignal): Promise<void> {
  const { connection, clock } = it
  const { primaryHost, timeoutMs } = connection
  const state = primaryHost === undefined ? [] : [stateTopic(primaryHost)]
  await broker.subscribe([...it.commandTopics.keys(), ...state], 1)
  if (primaryHost !== undefined) {
    const gone = clock.sleep(timeoutMs, signal).then(() => Promise.reject(awayOf(primaryHost)))
    await Promise.race([it.online.promise, gone, broker.lost])
  }
  await sayAll(it, broker, it.edge.births(clock.nowMs()))
}

const awayOf = (host: string) =>
  new SinkTrouble('sink_busy', `the primary host ${host} is offline`, { retryAfterMs: HOST_PAUSE_MS })

/** [6.4] All but births of hosts and deaths has the quality 0, which nobody acknowledges; but the broker answers in order. */
async function sayAll({ connection }: Living, broker: Broker, messages: readonly EdgeMessage[]): Promise<void> {
  const sent = messages.map(({ type, device, payload }) =>
    broker.publish(topicOf(type, { ...connection, device }), payload, { qos: 0, retain: false }),
  )
  await Promise.all(sent)
  await broker.settle()
}

function hear(it: Living, { topic, payload, isRetained }: Message): undefined {
  const { primaryHost } = it.connection
  if (primaryHost !== undefined && topic === stateTopic(primaryHost)) return hearHost(it, primaryHost, payload)
  if (!it.commandTopics.has(topic)) return
  const device = it.commandTopics.get(topic)
  const { isRebirth, commands } = commandsIn({ device, payload, isRetained }, it.edge, it.writable)
  for (const command of commands) it.onCommand?.(command)
  if (isRebirth && it.broker) sayAll(it, it.broker, it.edge.births(it.clock.nowMs())).catch(() => undefined)
}

/** [5.8] What is older than what is known was said by a connection of before. */
function hearHost(it: Living, name: string, payload: Buffer): undefined {
  const state = parseState(payload)
  if (!state || state.timestamp < it.host.timestamp) return
  const wasOnline = it.host.isOnline
  it.host = { isOnline: state.online, timestamp: state.timestamp }
  if (state.online) it.online.resolve()
  else if (wasOnline) it.offline.reject(awayOf(name))
}
