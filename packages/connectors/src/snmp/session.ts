/** SNMP session: asks for several objects at once, and writes single ones. */
import { type Reading, readingOf } from '@skerry/connectors/reading'
import type { OpenSession, Session, SourcePlan, WriteOutcome, WriteProblem } from '@skerry/connectors/session'
import { badValue } from '@skerry/connectors/value'
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import type { SnmpTag } from '@skerry/contract/sources/protocols/source-snmp'
import type { SnmpSource } from '@skerry/contract/sources/source'
import type { TagContent, TagValue } from '@skerry/contract/sources/tag'
import type { Clock } from '@skerry/platform/process/clock'
import type { Varbind } from 'net-snmp'
import { readVarbind, varbindFor } from './value.ts'
import { openWire, type Wire } from './wire.ts'

type Asking = { wire: Wire; clock: Clock; oidsMax: number }

/** Asks whether the agent is there. */
export const openSnmp: OpenSession<SnmpSource> = async (source, { clock, secrets }, signal): Promise<Session> => {
  const { connection } = source
  const wire = await openWire(connection, { secrets, clock }, signal)
  const it: Asking = { wire, clock, oidsMax: connection.oidsMax }
  const tags = new Map(source.groups.flatMap((group) => group.tags.map((tag) => [tag.name, tag] as const)))
  return {
    async read(group, waiting): Promise<Reading> {
      const asked = group.tags.flatMap(({ name }) => tags.get(name) ?? [])
      const values: TagValue[] = []
      for (let at = 0; at < asked.length; at += it.oidsMax) {
        waiting.throwIfAborted()
        values.push(...(await readSome(it, asked.slice(at, at + it.oidsMax))))
      }
      return readingOf(values)
    },
    async write(name, value): Promise<WriteOutcome> {
      const tag = tags.get(name)
      return tag ? writeTag(wire, tag, value) : refused('tag_unknown', `the source has no tag ${name}`)
    },
    async browse(path): Promise<BrowseEntry[]> {
      const found = await wire.walk(path || INTERNET, BROWSED_MAX)
      return found.map(({ oid, value }) => ({
        path: oid,
        label: labelOf(oid, value),
        isFolder: false,
        tag: { address: oid },
      }))
    },
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  }
}

/** What each group's round asks for. */
export function planSnmp({ connection, groups }: SnmpSource): SourcePlan {
  return {
    groups: groups.map(({ name, tags }) => {
      return { group: name, requests: Math.ceil(tags.length / connection.oidsMax), places: tags.length }
    }),
    problems: [],
  }
}

/** [RFC 2578] All that is of the internet, which is all. */
const INTERNET = '1.3.6.1'

/** A page that a person looks through; below another place there is more. */
const BROWSED_MAX = 500

const labelOf = (oid: string, value: unknown) => `${oid} = ${String(value).slice(0, 60)}`

/** [RFC 3416, 4.2.1] An answer would be too big, or one object spoils all: then in halves, until it is known which. */
async function readSome(it: Asking, tags: readonly SnmpTag[]): Promise<TagValue[]> {
  const answer = await it.wire.get(tags.map(({ address }) => address))
  const receivedTimeMs = it.clock.nowMs()
  if (answer.ok) return tags.map((tag, index) => readVarbind(tag, answer.varbinds[index], receivedTimeMs))
  if (tags.length === 1) {
    const cause = { code: 'request_refused', message: `the agent rejects it (${answer.status})` }
    return tags.map(({ name }) => badValue(name, cause, receivedTimeMs))
  }
  const middle = Math.ceil(tags.length / 2)
  return [...(await readSome(it, tags.slice(0, middle))), ...(await readSome(it, tags.slice(middle)))]
}

async function writeTag(wire: Wire, tag: SnmpTag, value: TagContent): Promise<WriteOutcome> {
  const varbind = varbindFor(tag, value)
  if (!varbind) return refused('tag_type', `${JSON.stringify(value)} does not fit this tag`)
  const written = await wire.set(varbind)
  if (!written.ok) return refused('write_refused', `the agent rejects it (${written.status})`)
  if (!tag.write?.verify) return { ok: true }
  const held = await wire.get([tag.address])
  if (held.ok && isSame(held.varbinds[0], varbind)) return { ok: true }
  return refused('write_unverified', 'the value was written, but the agent has another value now')
}

const isSame = (held: Varbind | undefined, written: Varbind) => String(held?.value) === String(written.value)

const refused = (code: WriteProblem, message: string): WriteOutcome => ({ ok: false, code, message })
