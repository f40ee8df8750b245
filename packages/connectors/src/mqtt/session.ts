/** MQTT session: takes what is published on the topics of its tags, and publishes what is written. */
import { type Broker, type Message, openBroker } from '@skerry/connectors/broker/connection'
import { createEchoes, type Echoes } from '@skerry/connectors/broker/echoes'
import { gatherPushed, type Pushed } from '@skerry/connectors/pushed'
import { readingOf } from '@skerry/connectors/reading'
import type { OpenSession, Session, SessionDeps, Tell } from '@skerry/connectors/session'
import { badValue } from '@skerry/connectors/value'
import type { MqttTag } from '@skerry/contract/sources/protocols/source-mqtt'
import type { MqttSource } from '@skerry/contract/sources/source'
import type { TagValue } from '@skerry/contract/sources/tag'
import type { Clock } from '@skerry/platform/process/clock'
import { filtersOf } from './address.ts'
import { browseTopics } from './browse.ts'
import { incomingOf, type MessageReader, messageReader } from './value.ts'
import { writeTag } from './write.ts'

/** A broker sends what it has retained right after a subscription: who has heard nothing by then is told so. */
const RETAINED_MS = 500

/** A tag's place in its group, and what was heard of it. */
type Standing = {
  tag: MqttTag
  place: number
  read: MessageReader
  newest: TagValue | undefined
  /** The broker had kept it before it was sent. */
  isKept: boolean
}
type Listening = { group: MqttSource['groups'][number]; standings: Standing[]; pushed: Pushed | undefined }

type Hearing = {
  source: MqttSource
  clock: Clock
  groups: Map<string, Listening>
  topics: Map<string, { listening: Listening; standing: Standing }[]>
  /** All groups are listened to: until then messages wait, for a broker may have kept some. */
  ready: PromiseWithResolvers<void>
  room: SessionDeps['room']
  closing: AbortController
  echoes: Echoes
}

/** Connects. Subscribes when somebody listens to each group. */
export const openMqtt: OpenSession<MqttSource> = async (source, deps, signal): Promise<Session> => {
  const it = hearingOf(source, deps)
  const { connection } = source
  const { session, sessionKeptSeconds } = connection
  const broker = await openBroker(
    {
      connection,
      name: source.name,
      random: deps.random,
      secrets: deps.secrets,
      ...(session === 'persistent' ? { session: { keptSeconds: sessionKeptSeconds } } : {}),
      onMessage: (message) => hear(it, message),
    },
    signal,
  )
  const subscribed = it.ready.promise.then(() => broker.subscribe(filtersOf(source), connection.qos))
  subscribed.catch(() => undefined)
  const tags = new Map(source.groups.flatMap((group) => group.tags.map((tag) => [tag.name, tag] as const)))
  const target = { broker, echoes: it.echoes, clock: deps.clock, connection }
  return {
    // Nobody asks a broker for values: these are what was heard last.
    read: async ({ name, tags: asked }) => {
      const standings = new Map(it.groups.get(name)?.standings.map((one) => [one.tag.name, one]))
      return readingOf(asked.flatMap((tag) => standings.get(tag.name) ?? []).map((one) => dated(it, one)))
    },
    subscribe: (group, tell, until) => listen({ it, broker, subscribed }, { name: group.name, tell }, until),
    async write(name, value, waiting) {
      const tag = tags.get(name)
      if (!tag) return { ok: false, code: 'tag_unknown', message: `the source has no tag ${name}` }
      return writeTag(target, tag, value, waiting)
    },
    browse: (path, waiting) => browseTopics({ source, deps }, path, waiting),
    async [Symbol.asyncDispose]() {
      it.closing.abort()
      await broker[Symbol.asyncDispose]()
    },
  }
}

function hearingOf(source: MqttSource, { clock, room }: SessionDeps): Hearing {
  const topics: Hearing['topics'] = new Map()
  const groups = source.groups.map((group): Listening => {
    const standings = group.tags.map((tag, place) => ({ tag, place, read: messageReader(tag), ...UNHEARD }))
    const listening: Listening = { group, standings, pushed: undefined }
    for (const standing of standings) {
      const there = topics.get(standing.tag.topic)
      if (there) there.push({ listening, standing })
      else topics.set(standing.tag.topic, [{ listening, standing }])
    }
    return listening
  })
  return {
    source,
    clock,
    topics,
    groups: new Map(groups.map((listening) => [listening.group.name, listening])),
    ready: Promise.withResolvers<void>(),
    echoes: createEchoes(),
    room,
    closing: new AbortController(),
  }
}

async function hear(it: Hearing, { topic, payload, isRetained }: Message): Promise<void> {
  await it.ready.promise
  // The broker waits as long: what it has kept comes in one piece.
  await it.room(it.closing.signal)
  const message = incomingOf(payload, it.clock.nowMs())
  for (const { listening, standing } of it.topics.get(topic) ?? []) {
    const value = standing.read(message)
    if (!value) continue
    it.echoes.hear(value)
    standing.newest = value
    standing.isKept = isRetained
    listening.pushed?.put(standing.place, value)
  }
}

type Opened = { it: Hearing; broker: Broker; subscribed: Promise<string[]> }

async function listen(
  { it, broker, subscribed }: Opened,
  { name, tell }: { name: string; tell: Tell },
  signal: AbortSignal,
): Promise<never> {
  const listening = it.groups.get(name)
  if (!listening) throw new Error(`the source has no group ${name}`)
  const pushed = gatherPushed(listening.group, { clock: it.clock, tell }, signal)
  listening.pushed = pushed
  if ([...it.groups.values()].every((each) => each.pushed)) it.ready.resolve()
  const refused = new Set(await Promise.race([subscribed, broker.lost]))
  const watched = watch({ it, listening, pushed, refused }, signal)
  return Promise.race([watched, broker.lost])
}

type Watching = { it: Hearing; listening: Listening; pushed: Pushed; refused: ReadonlySet<string> }

/** Says what was not heard: at first, and of tags that say how long silence may be. */
async function watch({ it, listening, pushed, refused }: Watching, signal: AbortSignal): Promise<never> {
  const { clock } = it
  const { standings } = listening
  await clock.sleep(RETAINED_MS, signal)
  for (const standing of standings) {
    const isRefused = refused.has(standing.tag.topic)
    if (standing.newest && !isRefused) continue
    const value = isRefused ? badValue(standing.tag.name, REFUSED, clock.nowMs()) : known(standing, clock)
    pushed.put(standing.place, value)
  }
  const staleMs = standings.flatMap(({ tag }) => (tag.staleAfterMs === undefined ? [] : [tag.staleAfterMs]))
  const everyMs = Math.min(STALE_LOOK_MS, ...staleMs.map((ms) => ms / 4))
  for (;;) {
    await clock.sleep(everyMs, signal)
    const nowMs = clock.nowMs()
    for (const standing of standings) {
      if (!isStale(standing, nowMs)) continue
      standing.newest = badValue(standing.tag.name, STALE, nowMs)
      pushed.put(standing.place, standing.newest)
    }
  }
}

/** With a time that says how old it is; bad where nobody knows. */
function dated({ source, clock }: Hearing, standing: Standing): TagValue {
  const value = known(standing, clock)
  // A persistent session brings what was sent while nobody was there, and does not say so.
  const isOfAnyAge = standing.isKept || source.connection.session === 'persistent'
  if (!isOfAnyAge || value.sourceTimeMs !== undefined || value.quality === 'bad') return value
  return badValue(standing.tag.name, UNDATED, clock.nowMs())
}

const UNHEARD = { newest: undefined, isKept: false }

const UNDATED = {
  code: 'value_undated',
  message:
    'the broker may have kept the message for a long time, and the message has no time of its own; configure its time',
}

/** Silence that may last longer is found out a minute late at most. */
const STALE_LOOK_MS = 60_000

const STALE = { code: 'value_stale', message: 'no message arrived within the permitted time' }
const REFUSED = { code: 'address_refused', message: 'the broker rejects the subscription to this topic' }

const isStale = ({ tag, newest }: Standing, nowMs: number) =>
  tag.staleAfterMs !== undefined &&
  newest !== undefined &&
  newest.quality !== 'bad' &&
  nowMs - newest.receivedTimeMs > tag.staleAfterMs

function known({ tag, newest }: Standing, clock: Clock): TagValue {
  const message = `no message on ${tag.topic} has had this value yet`.slice(0, 500)
  return newest ?? badValue(tag.name, { code: 'value_missing', message }, clock.nowMs())
}
