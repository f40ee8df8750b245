/** Webhook session: tells what is posted, tag by tag. A document is answered when its values have been handed on, not before there is room for them. */
import { gatherPushed, type Pushed } from '@skerry/connectors/pushed'
import { readingOf } from '@skerry/connectors/reading'
import { type OpenSession, type Session, type SessionDeps, SourceTrouble, type Tell } from '@skerry/connectors/session'
import { badValue, tagValue } from '@skerry/connectors/value'
import type { WebhookTag } from '@skerry/contract/sources/protocols/source-webhook'
import type { WebhookSource } from '@skerry/contract/sources/source'
import type { TagValue } from '@skerry/contract/sources/tag'
import { browseJson } from '@skerry/core/equipment/json-places'
import { type JsonContent, jsonReader } from '@skerry/core/equipment/json-value'
import { type Answer, openReceiver, type Receiver } from './receiver.ts'
import { unknownFinder } from './unknown.ts'

type Standing = {
  tag: WebhookTag
  place: number
  read: (document: unknown) => JsonContent
  newest: TagValue | undefined
}
type Listening = { group: WebhookSource['groups'][number]; standings: Standing[]; pushed: Pushed | undefined }

type Hearing = {
  groups: Listening[]
  deps: SessionDeps
  findUnknown: ReturnType<typeof unknownFinder>
  closing: AbortController
  /** To look around in; as long as one body may be. */
  posted: { document: unknown } | undefined
}

/** Listens. Takes documents when somebody listens to each group. */
export const openWebhookSource: OpenSession<WebhookSource> = async (source, deps, signal): Promise<Session> => {
  const it: Hearing = {
    deps,
    closing: new AbortController(),
    posted: undefined,
    findUnknown: unknownFinder(source.groups.flatMap(({ tags }) => tags)),
    groups: source.groups.map((group) => ({
      group,
      pushed: undefined,
      standings: group.tags.map((tag, place) => ({ tag, place, read: jsonReader(tag), newest: undefined })),
    })),
  }
  const { clock, secrets } = deps
  const receiver = await openReceiver(
    { connection: source.connection, secrets, clock, onDocument: (document) => take(it, document) },
    signal,
  )
  return {
    // Nobody asks who posts for values: these are what was heard last.
    read: async ({ name }) => {
      const standings = it.groups.find(({ group }) => group.name === name)?.standings ?? []
      return readingOf(standings.map((standing) => known(standing, clock.nowMs())))
    },
    subscribe: (group, tell, until) => listen(it, receiver, { name: group.name, tell }, until),
    write: async (name) => ({
      ok: false,
      code: 'tag_read_only',
      message: `${name} only receives; it cannot be written`,
    }),
    async browse(path) {
      if (!it.posted) throw new SourceTrouble('source_silent', MISSING.message)
      return browseJson(it.posted.document, path)
    },
    async [Symbol.asyncDispose]() {
      it.closing.abort()
      await receiver[Symbol.asyncDispose]()
    },
  }
}

const BUSY: Answer = { status: 503, body: { code: 'source_busy', message: 'the source is starting' } }

async function take(it: Hearing, document: unknown): Promise<Answer> {
  if (it.groups.some(({ pushed }) => !pushed)) return BUSY
  await it.deps.room(it.closing.signal)
  it.posted = { document }
  const nowMs = it.deps.clock.nowMs()
  const count = { taken: 0, bad: 0 }
  for (const { standings, pushed } of it.groups) {
    for (const standing of standings) {
      const value = valueIn(standing, document, nowMs)
      if (!value) continue
      standing.newest = value
      pushed?.put(standing.place, value)
      count[value.quality === 'bad' ? 'bad' : 'taken'] += 1
    }
  }
  const unknown = it.findUnknown(document)
  const body = { ...count, unknown: unknown.count, ...(unknown.count > 0 ? { unknownFirst: unknown.first } : {}) }
  if (count.taken + count.bad > 0) return { status: 202, body }
  return { status: 422, body: { code: 'document_unknown', message: 'no tag stands on anything in it', ...body } }
}

/** Undefined where the document says nothing of the tag: equipment that sends changes only leaves out the rest. */
function valueIn({ tag, read }: Standing, document: unknown, nowMs: number): TagValue | undefined {
  const content = read(document)
  if (!content.ok) {
    return content.isAbsent && tag.path !== undefined ? undefined : badValue(tag.name, content.cause, nowMs)
  }
  const value = tagValue(tag, content, nowMs)
  return content.sourceTimeMs === undefined ? value : { ...value, sourceTimeMs: content.sourceTimeMs }
}

async function listen(
  it: Hearing,
  receiver: Receiver,
  { name, tell }: { name: string; tell: Tell },
  signal: AbortSignal,
): Promise<never> {
  const listening = it.groups.find(({ group }) => group.name === name)
  if (!listening) throw new Error(`the source has no group ${name}`)
  const pushed = gatherPushed(listening.group, { clock: it.deps.clock, tell }, signal)
  listening.pushed = pushed
  return Promise.race([watch(it, listening, pushed, signal), receiver.lost])
}

/** Says what was not heard: at first, and of tags that say how long silence may be. */
async function watch({ deps }: Hearing, { standings }: Listening, pushed: Pushed, signal: AbortSignal): Promise<never> {
  const { clock } = deps
  await clock.sleep(FIRST_MS, signal)
  for (const standing of standings) {
    if (!standing.newest) pushed.put(standing.place, known(standing, clock.nowMs()))
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

/** Who was posting before goes on within a second or two: who has heard nothing by then is told so. */
const FIRST_MS = 2_000

/** Silence that may last longer is found out a minute late at most. */
const STALE_LOOK_MS = 60_000

const STALE = { code: 'value_stale', message: 'no request with it arrived within the permitted time' }
const MISSING = { code: 'value_missing', message: 'no request with it has arrived yet' }

const isStale = ({ tag, newest }: Standing, nowMs: number) =>
  tag.staleAfterMs !== undefined &&
  newest !== undefined &&
  newest.quality !== 'bad' &&
  nowMs - newest.receivedTimeMs > tag.staleAfterMs

const known = ({ tag, newest }: Standing, nowMs: number): TagValue => newest ?? badValue(tag.name, MISSING, nowMs)
