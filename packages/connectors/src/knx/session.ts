/** KNX session: listens to the bus, asks it for what it has not said yet, and sends single values. */
import { emptyReading, type Reading } from '@skerry/connectors/reading'
import type {
  OpenSession,
  Session,
  SessionDeps,
  SourcePlan,
  WriteOutcome,
  WriteProblem,
} from '@skerry/connectors/session'
import { badValue } from '@skerry/connectors/value'
import type { KnxTag } from '@skerry/contract/sources/protocols/source-knx'
import type { KnxSource } from '@skerry/contract/sources/source'
import type { TagContent, TagValue } from '@skerry/contract/sources/tag'
import { untilLost } from '@skerry/platform/process/until-lost'
import { bytesFor, isSame, readTelegram } from './value.ts'
import { openWire, type Wire } from './wire.ts'

type Place = { group: string; index: number; tag: KnxTag }

type Bus = {
  source: KnxSource
  deps: SessionDeps
  places: Map<string, Place[]>
  newest: Map<string, TagValue>
  hearers: Set<(places: readonly Place[]) => void>
}

/** Opens the tunnel, and asks the bus for each value. */
export const openKnx: OpenSession<KnxSource> = async (source, deps, signal): Promise<Session> => {
  const { connection } = source
  const it: Bus = { source, deps, places: placesOf(source), newest: new Map(), hearers: new Set() }
  const wire = await openWire(connection, (telegram) => hear(it, telegram), signal)
  if (connection.readFirst) for (const address of it.places.keys()) wire.ask(address)
  const tags = new Map(source.groups.flatMap((group) => group.tags.map((tag) => [tag.name, tag] as const)))
  return {
    read: async ({ tags: asked }) => wholeOf(it, asked),
    subscribe({ name, tags: all }, tell, waiting): Promise<never> {
      const isKnown = (tag: { name: string }) => it.newest.has(tag.name)
      const tellThose = (isSo: (tag: { name: string }) => boolean) => {
        const places = Uint32Array.from(all.flatMap((tag, index) => (isSo(tag) ? [index] : [])))
        if (places.length > 0) tell(wholeOf(it, all), places)
      }
      tellThose(isKnown)
      // Whoever has a value had time to say it.
      const late = it.deps.clock.sleep(connection.timeoutMs, waiting).then(() => tellThose((tag) => !isKnown(tag)))
      late.catch(() => undefined)
      const hearer = (heard: readonly Place[]) => {
        const ours = heard.filter(({ group }) => group === name)
        if (ours.length > 0) tell(wholeOf(it, all), Uint32Array.from(ours, ({ index }) => index).sort())
      }
      it.hearers.add(hearer)
      const ended = Promise.withResolvers<never>()
      waiting.addEventListener('abort', () => ended.reject(waiting.reason), { once: true })
      return Promise.race([wire.gone, ended.promise]).finally(() => it.hearers.delete(hearer))
    },
    async write(name, value, waiting): Promise<WriteOutcome> {
      const tag = tags.get(name)
      return tag ? writeTag(it, wire, { tag, value }, waiting) : refused('tag_unknown', `the source has no tag ${name}`)
    },
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  }
}

/** Each group is asked once; then it tells by itself. */
export function planKnx({ groups }: KnxSource): SourcePlan {
  return {
    groups: groups.map(({ name, tags }) => {
      return { group: name, requests: new Set(tags.map(({ address }) => address)).size, places: tags.length }
    }),
    problems: [],
  }
}

function placesOf({ groups }: KnxSource): Map<string, Place[]> {
  const places = new Map<string, Place[]>()
  for (const { name: group, tags } of groups) {
    for (const [index, tag] of tags.entries()) {
      places.set(tag.address, [...(places.get(tag.address) ?? []), { group, index, tag }])
    }
  }
  return places
}

function hear({ places, newest, hearers, deps }: Bus, { group, bytes }: { group: string; bytes: Buffer }): void {
  const heard = places.get(group) ?? []
  for (const { tag } of heard) newest.set(tag.name, readTelegram(tag, bytes, deps.clock.nowMs()))
  for (const tell of hearers) tell(heard)
}

function wholeOf({ newest, deps }: Bus, tags: readonly { name: string }[]): Reading {
  const reading = emptyReading(tags.length)
  for (const [index, tag] of tags.entries()) {
    reading.others.set(index, newest.get(tag.name) ?? badValue(tag.name, UNTOLD, deps.clock.nowMs()))
  }
  return reading
}

const UNTOLD = {
  code: 'value_awaited',
  message: 'no device on the bus has sent it yet; check that the group can be read',
}

type Writing = { tag: KnxTag; value: TagContent }

async function writeTag(it: Bus, wire: Wire, { tag, value }: Writing, signal: AbortSignal): Promise<WriteOutcome> {
  const sent = bytesFor(tag, value)
  if (!sent) return refused('tag_type', `${JSON.stringify(value)} does not fit a ${tag.dpt}`)
  it.newest.delete(tag.name)
  wire.send(tag.writeAddress ?? tag.address, sent)
  if (!tag.write?.verify) return { ok: true }
  wire.ask(tag.address)
  const { clock } = it.deps
  const untilMs = clock.monotonicMs() + it.source.connection.timeoutMs
  while (clock.monotonicMs() < untilMs) {
    if (isSame(tag, it.newest.get(tag.name), sent.bytes)) return { ok: true }
    await untilLost(clock.sleep(LOOK_MS, signal), wire.gone)
  }
  return refused('write_unverified', 'the value was sent, but no device on the bus confirms it')
}

/** What switches takes longer to move. */
const LOOK_MS = 10

const refused = (code: WriteProblem, message: string): WriteOutcome => ({ ok: false, code, message })
