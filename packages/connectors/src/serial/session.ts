/** Serial session: asks one thing after the other over one port, and listens to what nobody asked for. */

import { type Reading, readingOf } from '@skerry/connectors/reading'
import { openSerialLine, type SerialLine } from '@skerry/connectors/serial-line/serial-line'
import {
  type OpenSession,
  type Session,
  type SessionAlone,
  type SessionDeps,
  type SourcePlan,
  SourceTrouble,
  type Tell,
  type WriteOutcome,
  type WriteProblem,
} from '@skerry/connectors/session'
import { ONE_TURN, politely, type Turns, takeTurns } from '@skerry/connectors/turns'
import { badValue } from '@skerry/connectors/value'
import type { SerialTag } from '@skerry/contract/sources/protocols/source-serial'
import type { SerialSource } from '@skerry/contract/sources/source'
import type { TagContent, TagValue } from '@skerry/contract/sources/tag'
import { partsOf } from '@skerry/core/equipment/line-parts'
import { untilLost } from '@skerry/platform/process/until-lost'
import { createLineCutter } from './lines.ts'
import { badTags, commandFor, readLine } from './value.ts'

type Group = {
  name: string
  everyMs: number
  request?: string
  quietMaxMs?: number
  pattern: RegExp
  tags: SerialTag[]
}
type Hearing = (line: string) => boolean
type Talking = {
  source: SerialSource
  deps: SessionDeps
  line: SerialLine
  gone: Promise<never>
  /** Who waits for an answer hears a line first; what is none goes to those who listen. */
  ears: { asker: Hearing | undefined; listeners: Set<Hearing> }
  /** What was heard of tags that nobody asks for. */
  newest: Map<string, TagValue>
  turn: Turns
}

/** Opens the port. */
export const openSerial: OpenSession<SerialSource> = async (source, deps, signal): Promise<Session> => {
  const { terminator, timeoutMs: _, pauseAfterConnectMs, pauseBetweenRequestsMs: __, ...settings } = source.connection
  const line = await openSerialLine(settings, signal)
  await deps.clock.sleep(pauseAfterConnectMs, signal).catch(async (error: unknown) => {
    await line[Symbol.asyncDispose]()
    throw error
  })
  const gone = line.gone.then((reason): never => {
    throw new SourceTrouble('source_lost', `${settings.path}: ${reason}`)
  })
  gone.catch(() => undefined)
  const ears: Talking['ears'] = { asker: undefined, listeners: new Set() }
  const it: Talking = { source, deps, line, gone, ears, newest: new Map(), turn: takeTurns() }
  const cut = createLineCutter(terminator)
  line.onData((bytes) => {
    for (const text of cut(bytes)) if (!ears.asker?.(text)) for (const hear of ears.listeners) hear(text)
  })
  const groups = new Map(source.groups.map((group) => [group.name, groupOf(group)]))
  const tags = new Map(source.groups.flatMap((group) => group.tags.map((tag) => [tag.name, { tag, group }] as const)))
  const over = (own: Talking): SessionAlone => ({
    async read({ name, tags: asked }, waiting): Promise<Reading> {
      const group = groups.get(name)
      const part = asked.flatMap((one) => tags.get(one.name)?.tag ?? [])
      if (group?.request !== undefined) return ask(own, { ...group, tags: part }, group.request, waiting)
      const nowMs = deps.clock.nowMs()
      return readingOf(part.map((tag) => own.newest.get(tag.name) ?? badValue(tag.name, UNHEARD, nowMs)))
    },
    async write(name, value, waiting): Promise<WriteOutcome> {
      const found = tags.get(name)
      if (!found) return refused('tag_unknown', `the source has no tag ${name}`)
      return writeTag(own, { tag: found.tag, group: groups.get(found.group.name) }, value, waiting)
    },
  })
  return {
    ...over(it),
    alone: (work) => it.turn(() => work(over({ ...it, turn: ONE_TURN }))),
    async subscribe({ name }, tell, waiting): Promise<never> {
      const group = groups.get(name)
      if (!group) throw new Error(`no group ${name}`)
      if (group.request === undefined) return Promise.race([gone, listen(it, group, tell, waiting)])
      return poll(it, { ...group, request: group.request }, tell, waiting)
    },
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  }
}

function groupOf({ request, quietMaxMs, pattern, ...group }: SerialSource['groups'][number]): Group {
  return {
    ...group,
    pattern: new RegExp(pattern),
    ...(request === undefined ? {} : { request }),
    ...(quietMaxMs === undefined ? {} : { quietMaxMs }),
  }
}

/** What each group's round asks for, and tags that its pattern has not. */
export function planSerial({ groups }: SerialSource): SourcePlan {
  return {
    groups: groups.map(({ name, request, tags }) => {
      return { group: name, requests: request === undefined ? 0 : 1, places: tags.length }
    }),
    problems: groups.flatMap(({ tags, pattern }) =>
      tags
        .filter(({ address }) => !partsOf(pattern).includes(address))
        .map(({ name, address }) => ({
          tag: name,
          message: `the pattern of its group has no part (?<${address}>...)`,
        })),
    ),
  }
}

async function poll(it: Talking, group: Group & { request: string }, tell: Tell, signal: AbortSignal): Promise<never> {
  const { clock } = it.deps
  for (;;) {
    const startMs = clock.monotonicMs()
    tell(await ask(it, group, group.request, signal))
    await clock.sleep(Math.max(0, group.everyMs - (clock.monotonicMs() - startMs)), signal)
  }
}

async function ask(it: Talking, group: Group, request: string, signal: AbortSignal): Promise<Reading> {
  const nowMs = it.deps.clock.nowMs
  const reading = await exchange(it, request, (line) => readLine(group, line, nowMs()), signal)
  return reading ?? badTags(group.tags, UNANSWERED, nowMs())
}

const UNANSWERED = { code: 'answer_missing', message: 'no line that matches the pattern came as an answer' }

function inTurn<T>({ turn, source, deps }: Talking, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return politely(turn, source.connection.pauseBetweenRequestsMs, deps.clock)(work, signal)
}

/** Sends, and waits for the line that is the answer; undefined where none comes in time. */
function exchange<T>(
  it: Talking,
  text: string,
  answer: (line: string) => T | undefined,
  signal: AbortSignal,
): Promise<T | undefined> {
  return inTurn(
    it,
    async () => {
      signal.throwIfAborted()
      const { terminator, timeoutMs } = it.source.connection
      const heard = Promise.withResolvers<T>()
      it.ears.asker = (line) => {
        const said = answer(line)
        if (said !== undefined) heard.resolve(said)
        return said !== undefined
      }
      const done = new AbortController()
      try {
        it.line.write(Buffer.from(text + terminator, 'latin1'))
        const late = it.deps.clock.sleep(timeoutMs, AbortSignal.any([signal, done.signal])).then(() => undefined)
        return await untilLost(Promise.race([heard.promise, late]), it.gone)
      } finally {
        done.abort()
        it.ears.asker = undefined
      }
    },
    signal,
  )
}

async function listen(it: Talking, group: Group, tell: Tell, signal: AbortSignal): Promise<never> {
  const { clock } = it.deps
  const { listeners } = it.ears
  const tellAll = (reading: Reading) => {
    for (const value of reading.others.values()) it.newest.set(value.tag, value)
    tell(reading)
  }
  let heardMs = clock.monotonicMs()
  const hear = (line: string) => {
    const reading = readLine(group, line, clock.nowMs())
    if (!reading) return false
    heardMs = clock.monotonicMs()
    tellAll(reading)
    return true
  }
  listeners.add(hear)
  try {
    const quietMs = group.quietMaxMs ?? FOREVER_MS
    for (;;) {
      await clock.sleep(Math.max(1, heardMs + quietMs - clock.monotonicMs()), signal)
      if (clock.monotonicMs() - heardMs < quietMs) continue
      heardMs = clock.monotonicMs()
      tellAll(badTags(group.tags, QUIET, clock.nowMs()))
    }
  } finally {
    listeners.delete(hear)
  }
}

const FOREVER_MS = 86_400_000

const UNHEARD = { code: 'value_missing', message: 'no line that matches the pattern has arrived yet' }
const QUIET = { code: 'line_quiet', message: 'no line that matches the pattern arrived within the permitted time' }

type Target = { tag: SerialTag; group: Group | undefined }

async function writeTag(
  it: Talking,
  { tag, group }: Target,
  value: TagContent,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const text = commandFor(tag, value)
  if (text === undefined) return refused('tag_type', `${JSON.stringify(value)} cannot be part of a command`)
  const reply = tag.command?.reply === undefined ? undefined : new RegExp(tag.command.reply)
  if (reply) {
    const isDone = await exchange(it, text, (line) => reply.test(line) || undefined, signal)
    if (!isDone) return refused('write_unverified', 'the equipment does not confirm the command')
  } else {
    await inTurn(it, async () => it.line.write(Buffer.from(text + it.source.connection.terminator, 'latin1')), signal)
  }
  if (!tag.write?.verify || group?.request === undefined) return { ok: true }
  const reading = await ask(it, group, group.request, signal)
  const held = reading.others.get(group.tags.findIndex(({ name }) => name === tag.name))
  const isSame = held !== undefined && held.quality !== 'bad' && held.value === value
  return isSame
    ? { ok: true }
    : refused('write_unverified', 'the command was sent, but the equipment reports another value')
}

const refused = (code: WriteProblem, message: string): WriteOutcome => ({ ok: false, code, message })
