/** Modbus session: reads groups of tags by few requests, and writes single tags. */
import { emptyReading, perGroup, type Reading } from '@skerry/connectors/reading'
import type { OpenSession, Session, SessionAlone } from '@skerry/connectors/session'
import { badValue } from '@skerry/connectors/value'
import type { ModbusConnection, ModbusTag } from '@skerry/contract/sources/protocols/source-modbus'
import type { ModbusSource } from '@skerry/contract/sources/source'
import type { TagCause } from '@skerry/contract/sources/tag'
import { halvesOf } from '@skerry/core/equipment/read-plan'
import type { NumberReader } from '@skerry/core/equipment/register-codec'
import {
  isBitTable,
  placeOf,
  placeProblem,
  planRequests,
  type RegisterPlace,
  type Request,
  unitsOf,
} from './address.ts'
import { type Exception, exceptionCause } from './exceptions.ts'
import { quickReader, readTag } from './value.ts'
import { type Answer, openWire, type Requests } from './wire.ts'
import { writeTag } from './write.ts'

type PlacedTag = { tag: ModbusTag; place: RegisterPlace; quick: NumberReader | undefined }

type ReadGroup = {
  tags: PlacedTag[]
  /**
   * A request that the equipment rejects is split until only the tags are left out that the equipment does not have.
   */
  requests: Request[]
  /** Tags that no request can read. */
  wrong: { index: number; tag: ModbusTag; cause: TagCause }[]
}

type Reader = { connection: ModbusConnection; wire: Requests; nowMs: () => number }

export const openModbus: OpenSession<ModbusSource> = async (source, { clock }, signal): Promise<Session> => {
  const { connection } = source
  const wire = await openWire({ connection, units: unitsOf(source) }, clock, signal)
  const tags = new Map(source.groups.flatMap((group) => group.tags.map((tag) => [tag.name, tag] as const)))
  const planOf = perGroup((group) =>
    readGroupOf(
      group.tags.flatMap(({ name }) => tags.get(name) ?? []),
      connection,
    ),
  )
  const over = (own: Requests): SessionAlone => ({
    read: (group, waiting) => readAll({ connection, wire: own, nowMs: clock.nowMs }, planOf(group), waiting),
    async write(name, value, waiting) {
      const tag = tags.get(name)
      if (!tag) return { ok: false, code: 'tag_unknown', message: `the source has no tag ${name}` }
      return writeTag({ wire: own, connection }, tag, value, waiting)
    },
  })
  return {
    ...over(wire),
    ended: wire.ended,
    alone: (work) => wire.alone((own) => work(over(own))),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  }
}

function readGroupOf(tags: readonly ModbusTag[], connection: ModbusConnection): ReadGroup {
  const placed = tags.map((tag): PlacedTag => {
    return { tag, place: placeOf(tag, connection), quick: quickReader(tag) }
  })
  const wrong = placed.flatMap(({ tag, place }, index) => {
    const message = placeProblem(place, connection, place.table)
    return message === undefined ? [] : [{ index, tag, cause: { code: 'address_wrong', message } }]
  })
  return { tags: placed, requests: planRequests(tags, connection), wrong }
}

type Round = { it: Reader; tags: readonly PlacedTag[]; reading: Reading }

async function readAll(it: Reader, group: ReadGroup, signal: AbortSignal): Promise<Reading> {
  const { tags } = group
  const reading = emptyReading(tags.length)
  const requests: Request[] = []
  for (const request of group.requests) requests.push(...(await readRequest({ it, tags, reading }, request, signal)))
  group.requests = requests
  for (const { index, tag, cause } of group.wrong) reading.others.set(index, badValue(tag.name, cause, it.nowMs()))
  return reading
}

/** Resolves with the requests that replace this one from now on. */
async function readRequest(round: Round, request: Request, signal: AbortSignal): Promise<Request[]> {
  const answer = await round.it.wire.read(request, signal)
  const isCuttable = !answer.ok && request.members.length > 1 && ADDRESS_EXCEPTIONS.has(answer.exception)
  if (isCuttable) {
    const [low, high] = halvesOf(request, (member) => round.tags[member]?.place)
    return [...(await readRequest(round, low, signal)), ...(await readRequest(round, high, signal))]
  }
  take(round, request, answer)
  return [request]
}

function take({ it, tags, reading }: Round, request: Request, answer: Answer): void {
  const receivedTimeMs = it.nowMs()
  const bytes = answer.ok ? answer.bytes : new Uint8Array()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = isBitTable(request.table) ? 1 : 2
  for (const index of request.members) {
    const placed = tags[index]
    if (!placed) continue
    const { tag, place, quick } = placed
    const from = (place.start - request.start) * size
    const number = answer.ok && quick ? quick(view, from) : Number.NaN
    reading.receivedTimesMs[index] = receivedTimeMs
    reading.numbers[index] = number
    if (!Number.isNaN(number)) continue
    const value = answer.ok
      ? readTag(tag, bytes.subarray(from, from + place.length * size), receivedTimeMs)
      : badValue(tag.name, exceptionCause(answer.exception), receivedTimeMs)
    reading.others.set(index, value)
  }
}

/** [Modbus 7] Illegal address and illegal value: other parts of the same request may be valid. */
const ADDRESS_EXCEPTIONS: ReadonlySet<Exception> = new Set([2, 3])
