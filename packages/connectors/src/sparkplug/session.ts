/**
 * Sparkplug session: a host application. It takes what the nodes of a group say, asks for their births where something is missing, and sends commands.
 * [Sparkplug 3.0.0]
 */
import { type Broker, type Message, openBroker } from '@skerry/connectors/broker/connection'
import { createEchoes, type Echoes } from '@skerry/connectors/broker/echoes'
import { gatherPushed, type Pushed } from '@skerry/connectors/pushed'
import { readingOf } from '@skerry/connectors/reading'
import type { OpenSession, Session, SessionDeps, Tell } from '@skerry/connectors/session'
import { badValue } from '@skerry/connectors/value'
import type { SparkplugTag } from '@skerry/contract/sources/protocols/source-sparkplug'
import type { SparkplugSource } from '@skerry/contract/sources/source'
import type { TagCause, TagValue } from '@skerry/contract/sources/tag'
import { createSparkplugNode, type SparkplugNode } from '@skerry/core/equipment/sparkplug-node'
import { DATATYPE } from '@skerry/core/equipment/sparkplug-value'
import { untilLost } from '@skerry/platform/process/until-lost'
import { browseNodes } from './browse.ts'
import { decodePayload, encodePayload, type Metric, REBIRTH } from './payload.ts'
import { groupFilter, nodeTopicOf, stateText, stateTopic, topicOf } from './topic.ts'
import { metricValue } from './value.ts'
import { writeMetric } from './write.ts'

/** A node that is asked again and again speaks of nothing else; one that did not hear is asked once more. */
const REBIRTH_PAUSE_MS = 5_000

/** Nodes of one group; beyond it those that come are not looked at. A plant has tens. */
const NODES_MAX = 1_000

type Standing = { tag: SparkplugTag; place: number; listening: Listening; newest: TagValue }
type Listening = { group: SparkplugSource['groups'][number]; standings: Standing[]; pushed: Pushed | undefined }

type Hosting = {
  source: SparkplugSource
  deps: SessionDeps
  groups: Map<string, Listening>
  /** By `metricKey`. */
  standings: Map<string, Standing[]>
  nodes: Map<string, { state: SparkplugNode<Metric>; askedMs: number }>
  ready: PromiseWithResolvers<void>
  echoes: Echoes
  closing: AbortController
  broker: Broker | undefined
}

/** Connects, and asks the nodes of its tags for their births. */
export const openSparkplug: OpenSession<SparkplugSource> = async (source, deps, signal): Promise<Session> => {
  const it = hostingOf(source, deps)
  const { connection } = source
  const { primaryHost } = connection
  const bornMs = deps.clock.nowMs()
  const state = (online: boolean) => Buffer.from(stateText({ online, timestamp: bornMs }))
  const hearAny = (message: Message) =>
    primaryHost !== undefined && message.topic === stateTopic(primaryHost)
      ? insist(it, message, state(true))
      : hear(it, message)
  const broker = await openBroker(
    {
      connection,
      name: source.name,
      random: deps.random,
      secrets: deps.secrets,
      ...(primaryHost === undefined
        ? {}
        : { will: { topic: stateTopic(primaryHost), payload: state(false), qos: 1 as const, retain: true } }),
      onMessage: hearAny,
    },
    signal,
  )
  it.broker = broker
  const tags = new Map(source.groups.flatMap((group) => group.tags.map((tag) => [tag.name, tag] as const)))
  const started = it.ready.promise.then(() => start(it, broker, state(true)))
  started.catch(() => undefined)
  return {
    read: async ({ name, tags: asked }) => {
      const newest = new Map(it.groups.get(name)?.standings.map((one) => [one.tag.name, one.newest]))
      return readingOf(asked.flatMap(({ name }) => newest.get(name) ?? []))
    },
    subscribe: (group, tell, until) => listen({ it, broker, started }, { name: group.name, tell }, until),
    async write(name, value, waiting) {
      const tag = tags.get(name)
      if (!tag) return { ok: false, code: 'tag_unknown', message: `the source has no tag ${name}` }
      const known = it.nodes.get(tag.node)?.state.find(tag.device, tag.metric)
      return writeMetric({ broker, echoes: it.echoes, clock: deps.clock, connection }, { tag, known, value }, waiting)
    },
    browse: async (path) => browseNodes(path, new Map([...it.nodes].map(([node, one]) => [node, one.state.metrics()]))),
    async [Symbol.asyncDispose]() {
      it.closing.abort()
      await sayOffline(broker, primaryHost, state(false))
      await broker[Symbol.asyncDispose]()
    },
  }
}

const metricKey = (node: string, device: string | undefined, metric: string) => JSON.stringify([node, device, metric])

function hostingOf(source: SparkplugSource, deps: SessionDeps): Hosting {
  const standings: Hosting['standings'] = new Map()
  const groups = source.groups.map((group): Listening => {
    const listening: Listening = { group, standings: [], pushed: undefined }
    for (const [place, tag] of group.tags.entries()) {
      const newest = badValue(tag.name, UNBORN, deps.clock.nowMs())
      const standing: Standing = { tag, place, listening, newest }
      listening.standings.push(standing)
      const key = metricKey(tag.node, tag.device, tag.metric)
      standings.set(key, [...(standings.get(key) ?? []), standing])
    }
    return listening
  })
  return {
    source,
    deps,
    standings,
    groups: new Map(groups.map((one) => [one.group.name, one])),
    nodes: new Map(),
    ready: Promise.withResolvers<void>(),
    echoes: createEchoes(),
    closing: new AbortController(),
    broker: undefined,
  }
}

const UNBORN = { code: 'value_missing', message: 'no birth message of its node or device has it' }
const DEAD = { code: 'value_stale', message: 'its node or device has reported its death' }
const GAP = {
  code: 'value_stale',
  message: 'a message of its node is missing; the source has requested a new birth message',
}

/** [6.4.2] Who is subscribed says so, and those who wait for it begin. Nodes that are there already are asked. */
async function start(it: Hosting, broker: Broker, online: Buffer): Promise<void> {
  const { group, primaryHost } = it.source.connection
  await broker.subscribe([groupFilter(group), ...(primaryHost === undefined ? [] : [stateTopic(primaryHost)])], 1)
  if (primaryHost !== undefined) await broker.publish(stateTopic(primaryHost), online, { qos: 1, retain: true })
  for (const node of new Set([...it.standings.values()].flat().map(({ tag }) => tag.node))) askRebirth(it, node)
}

/** [5.8] The will of a connection of ours before comes late, and says that we are not there. */
async function insist(it: Hosting, { topic, payload, isRetained }: Message, online: Buffer): Promise<void> {
  if (isRetained || payload.equals(online) || it.closing.signal.aborted) return
  it.broker?.publish(topic, online, { qos: 1, retain: true }).catch(() => undefined)
}

async function sayOffline(broker: Broker, primaryHost: string | undefined, offline: Buffer): Promise<void> {
  if (primaryHost === undefined) return
  // Where the connection is gone, the broker publishes the will.
  await broker.publish(stateTopic(primaryHost), offline, { qos: 1, retain: true }).catch(() => undefined)
}

type Opened = { it: Hosting; broker: Broker; started: Promise<void> }

async function listen(
  { it, broker, started }: Opened,
  { name, tell }: { name: string; tell: Tell },
  signal: AbortSignal,
): Promise<never> {
  const listening = it.groups.get(name)
  if (!listening) throw new Error(`the source has no group ${name}`)
  listening.pushed = gatherPushed(listening.group, { clock: it.deps.clock, tell }, signal)
  if ([...it.groups.values()].every(({ pushed }) => pushed)) it.ready.resolve()
  await Promise.race([started, broker.lost])
  // Births come right after they were asked for: who has none by then is told so.
  await Promise.race([it.deps.clock.sleep(BIRTH_MS, signal), broker.lost])
  for (const standing of listening.standings) if (standing.newest.quality === 'bad') put(standing, standing.newest)
  for (;;) await untilLost(it.deps.clock.sleep(LOOK_MS, signal), broker.lost)
}

const BIRTH_MS = 500

/** Nothing is done then: it is how long at most a timer has to be. */
const LOOK_MS = 3_600_000

async function hear(it: Hosting, { topic, payload: bytes, isRetained }: Message): Promise<void> {
  await it.ready.promise
  await it.deps.room(it.closing.signal)
  const at = nodeTopicOf(topic, it.source.connection.group)
  // [4.1] Nothing of a node is retained: what is was put there by somebody else.
  if (!at || isRetained) return
  const payload = decodePayload(bytes)
  const node = nodeOf(it, at.node)
  if (!node || !payload) return
  const { told, gone, needsRebirth } = node.state.hear({ ...at, ...payload })
  const nowMs = it.deps.clock.nowMs()
  if (at.type === 'NBIRTH') lose(it, at.node, 'devices', UNBORN)
  if (gone) lose(it, at.node, gone, needsRebirth ? GAP : DEAD)
  for (const { metric, known } of told) {
    for (const standing of it.standings.get(metricKey(at.node, known.device, known.name)) ?? []) {
      put(standing, metricValue(standing.tag, metric, known.datatype, nowMs))
      it.echoes.hear(standing.newest)
    }
  }
  if (needsRebirth) askRebirth(it, at.node)
}

function nodeOf(it: Hosting, name: string) {
  const node = it.nodes.get(name)
  if (node || it.nodes.size >= NODES_MAX) return node
  const created = { state: createSparkplugNode<Metric>(), askedMs: Number.NEGATIVE_INFINITY }
  it.nodes.set(name, created)
  return created
}

function put(standing: Standing, value: TagValue): void {
  standing.newest = value
  standing.listening.pushed?.put(standing.place, value)
}

/** What was known of the node, of its devices or of one of them is so no more. */
function lose(it: Hosting, node: string, gone: 'node' | 'devices' | { device: string }, cause: TagCause): void {
  const nowMs = it.deps.clock.nowMs()
  for (const standing of [...it.standings.values()].flat()) {
    const { tag, newest } = standing
    if (tag.node !== node || newest.quality === 'bad') continue
    const isGone = gone === 'node' || (gone === 'devices' ? tag.device !== undefined : gone.device === tag.device)
    if (isGone) put(standing, badValue(tag.name, cause, nowMs))
  }
}

/** [5.13] */
function askRebirth(it: Hosting, name: string): void {
  const node = nodeOf(it, name)
  const nowMs = it.deps.clock.monotonicMs()
  // Nodes that no tag is of are somebody else's to ask.
  const isOurs = [...it.standings.values()].some(([standing]) => standing?.tag.node === name)
  if (!node || !isOurs || nowMs - node.askedMs < REBIRTH_PAUSE_MS) return
  node.askedMs = nowMs
  const command = { name: REBIRTH, datatype: DATATYPE.boolean, raw: { case: 'boolean' as const, value: true } }
  const payload = encodePayload(it.deps.clock.nowMs(), undefined, [command])
  const topic = topicOf('NCMD', { group: it.source.connection.group, node: name })
  it.broker?.publish(topic, payload, { qos: 0, retain: false }).catch(() => undefined)
}
