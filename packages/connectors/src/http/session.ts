/** HTTP session: asks for a group by one GET, and writes a tag by what its command says. Over HTTP nothing is open between two requests. */
import { type Reading, readingOf } from '@skerry/connectors/reading'
import {
  type OpenSession,
  type Session,
  type SessionDeps,
  type SourcePlan,
  SourceTrouble,
  type WriteOutcome,
  type WriteProblem,
} from '@skerry/connectors/session'
import { politelyTogether } from '@skerry/connectors/turns'
import { badValue, tagValue } from '@skerry/connectors/value'
import type { HttpTag } from '@skerry/contract/sources/protocols/source-http'
import type { HttpSource } from '@skerry/contract/sources/source'
import type { TagCause, TagContent, TagValue } from '@skerry/contract/sources/tag'
import { jsonReader } from '@skerry/core/equipment/json-value'
import { unscaled } from '@skerry/core/tags/tag-scaling'
import { browseAnswers } from './browse.ts'
import { ask, type HttpAnswer, type HttpRequest } from './wire.ts'

type HttpGroup = HttpSource['groups'][number]

type Asking = {
  source: HttpSource
  deps: SessionDeps
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>
  /** What was answered last, by group: who says that nothing changed need not say it again. */
  kept: Map<string, { entityTag: string; document: unknown }>
}

/** Asks nothing yet. */
export const openHttp: OpenSession<HttpSource> = async (source, deps, signal): Promise<Session> => {
  signal.throwIfAborted()
  const { connection } = source
  const inTurn = politelyTogether(connection.pauseBetweenRequestsMs, deps.clock)
  const send: Asking['send'] = (request, waiting) =>
    inTurn(() => ask({ connection, secrets: deps.secrets }, request, waiting), waiting)
  const it: Asking = { source, deps, send, kept: new Map() }
  const places = new Map(source.groups.flatMap((group) => group.tags.map((tag) => [tag.name, { group, tag }] as const)))
  return {
    async read({ name, tags: asked }, reading) {
      const group = source.groups.find((one) => one.name === name)
      const tags = asked.flatMap((one) => places.get(one.name)?.tag ?? [])
      return group ? readGroup(it, { ...group, tags }, reading) : readingOf([])
    },
    async write(name, value, writing) {
      const place = places.get(name)
      if (!place) return refused('tag_unknown', `the source has no tag ${name}`)
      return writeTag(it, place, value, writing)
    },
    browse: (path, browsing) => browseAnswers(source.groups, path, (group) => documentNow(it, group, browsing)),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

/** One request each. */
export const planHttp = ({ groups }: HttpSource): SourcePlan => ({
  groups: groups.map(({ name, tags }) => ({ group: name, requests: 1, places: tags.length })),
  problems: [],
})

async function readGroup(it: Asking, group: HttpGroup, signal: AbortSignal): Promise<Reading> {
  const kept = it.kept.get(group.name)
  const headers: Record<string, string> = kept ? { 'if-none-match': kept.entityTag } : {}
  const answer = await it.send({ url: group.url, method: 'GET', headers }, signal)
  const nowMs = it.deps.clock.nowMs()
  const found = answer.status === 304 && kept ? { document: kept.document } : documentOf(answer)
  if ('cause' in found) return readingOf(group.tags.map(({ name }) => badValue(name, found.cause, nowMs)))
  if (answer.entityTag) it.kept.set(group.name, { entityTag: answer.entityTag, document: found.document })
  return readingOf(group.tags.map((tag) => valueIn(tag, found.document, nowMs)))
}

async function documentNow(it: Asking, { url }: HttpGroup, signal: AbortSignal): Promise<unknown> {
  const found = documentOf(await it.send({ url, method: 'GET' }, signal))
  if ('cause' in found) throw new SourceTrouble('source_lost', `${url}: ${found.cause.message}`)
  return found.document
}

/** [RFC 9110, 15] Throws `SourceTrouble` where we are not let in. */
function documentOf({ status, text }: HttpAnswer): { document: unknown } | { cause: TagCause } {
  if (status === 401 || status === 403)
    throw new SourceTrouble('source_refused', `the server rejects the sign-in (HTTP ${status})`)
  if (status === 404 || status === 410) return { cause: { code: 'address_unknown', message: `HTTP ${status}` } }
  if (status === 429 || status === 503) return { cause: { code: 'equipment_busy', message: `HTTP ${status}` } }
  if (status < 200 || status > 299) return { cause: { code: 'equipment_failed', message: `HTTP ${status}` } }
  try {
    return { document: JSON.parse(text) }
  } catch {
    return { cause: { code: 'value_type', message: 'the answer is not JSON' } }
  }
}

function valueIn(tag: HttpTag, document: unknown, nowMs: number): TagValue {
  const content = jsonReader(tag)(document)
  if (!content.ok) return badValue(tag.name, content.cause, nowMs)
  const value = tagValue(tag, content, nowMs)
  return content.sourceTimeMs === undefined ? value : { ...value, sourceTimeMs: content.sourceTimeMs }
}

async function writeTag(
  it: Asking,
  { group, tag }: { group: HttpGroup; tag: HttpTag },
  value: TagContent,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const { command, write } = tag
  if (!command || !write) return refused('tag_read_only', 'the tag has no command')
  const raw = typeof value === 'number' ? unscaled(value, tag, { isInteger: false, held: 0 }) : value
  // 21.5 over a scale of 0.1 is 215, whatever binary fractions make of it.
  const exact = typeof raw === 'number' && raw !== value ? Number(raw.toPrecision(15)) : raw
  // Not as a pattern: a value may hold a $.
  const body = command.payload.split('{{value}}').join(JSON.stringify(exact))
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
  const { status } = await it.send({ url: command.url, method: command.method, body, headers }, signal)
  if (status < 200 || status > 299) return refused('write_refused', `HTTP ${status}`)
  if (!write.verify) return { ok: true }
  it.kept.delete(group.name)
  const { document } = {
    document: undefined,
    ...documentOf(await it.send({ url: group.url, method: 'GET' }, signal)),
  }
  const now = valueIn(tag, document, it.deps.clock.nowMs())
  const isSame = now.quality !== 'bad' && isClose(now.value, value)
  return isSame
    ? { ok: true }
    : refused('write_unverified', 'the value was written, but the equipment reports another value')
}

/** Equipment that keeps a float32 says 21.299999 where 21.3 was written. */
const isClose = (now: TagContent, written: TagContent) =>
  typeof now === 'number' && typeof written === 'number'
    ? Math.abs(now - written) <= 1e-6 * Math.max(1, Math.abs(written))
    : now === written

const refused = (code: WriteProblem, message: string): WriteOutcome => ({ ok: false, code, message })
