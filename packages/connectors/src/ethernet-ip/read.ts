/**
 * EtherNet/IP read: many tags by one request, as far as request and answer have room. How long the answer of a tag is shows when it was first read. One
 * that is longer than an answer is read in parts.
 */
import { emptyReading, type Reading } from '@skerry/connectors/reading'
import type { SourcePlan } from '@skerry/connectors/session'
import { badValue } from '@skerry/connectors/value'
import type { EthernetIpTag } from '@skerry/contract/sources/protocols/source-ethernet-ip'
import type { EthernetIpSource } from '@skerry/contract/sources/source'
import type { TagValue } from '@skerry/contract/sources/tag'
import { refusalCause } from './exceptions.ts'
import {
  NO_SUCH_SERVICE,
  PARTIAL,
  REPLY_TOO_LARGE,
  type Reply,
  readFragment,
  readTag,
  SEVERAL_EACH,
  SEVERAL_HEAD,
  several,
  severalReplies,
  tagPath,
} from './message.ts'
import { isKnown, readTold, toldIn } from './value.ts'
import type { Requests } from './wire.ts'

type Asked = {
  index: number
  tag: EthernetIpTag
  path: number[]
  /** Of its answer, as far as it is known. */
  bytes: number
}

/** `hasSeveral`: it was not found yet that the controller takes one at a time. */
type Asking = { wire: Requests; nowMs: () => number; controller: { hasSeveral: boolean } }

/** Service, status and type before the bytes of an answer; a structure has a handle besides. */
const ANSWER_HEAD = 8

/** Until it was read: as the longest number. */
const ELEMENT_BYTES = 8

export const askedOf = (tags: readonly EthernetIpTag[]): Asked[] =>
  tags.map((tag, index) => ({ index, tag, path: tagPath(tag.address), bytes: ELEMENT_BYTES * tag.count }))

/** In their order, so that neither request nor answer is longer than a message may be; what is alone may be longer. */
export function packAsked(asked: readonly Asked[], bytesMax: number): Asked[][] {
  const packed: Asked[][] = []
  let out = bytesMax
  let back = bytesMax
  for (const one of asked) {
    const more = { out: SEVERAL_EACH + 4 + one.path.length, back: SEVERAL_EACH + ANSWER_HEAD + one.bytes }
    const last = packed.at(-1)
    if (last && out + more.out <= bytesMax && back + more.back <= bytesMax) {
      last.push(one)
      out += more.out
      back += more.back
    } else {
      packed.push([one])
      out = SEVERAL_HEAD + more.out
      back = SEVERAL_HEAD + more.back
    }
  }
  return packed
}

export async function readAll(it: Asking, asked: readonly Asked[], signal: AbortSignal): Promise<Reading> {
  const reading = emptyReading(asked.length)
  const bundles = it.controller.hasSeveral ? packAsked(asked, it.wire.bytes) : asked.map((one) => [one])
  for (const bundle of bundles) {
    for (const [{ index, tag }, reply] of await readBundle(it, bundle, signal)) {
      place(reading, index, tagValueOf(tag, reply, it.nowMs()))
    }
  }
  return reading
}

function place(reading: Reading, index: number, value: TagValue): void {
  reading.receivedTimesMs[index] = value.receivedTimeMs
  if (value.quality === 'good' && typeof value.value === 'number') reading.numbers[index] = value.value
  else reading.others.set(index, value)
}

function tagValueOf(tag: EthernetIpTag, reply: Reply, receivedTimeMs: number): TagValue {
  if (reply.status !== 0) return badValue(tag.name, refusalCause(reply), receivedTimeMs)
  const told = toldIn(reply.data)
  const cause = { code: 'answer_unreadable', message: 'the answer of the controller cannot be read' }
  return told ? readTold(tag, told, receivedTimeMs) : badValue(tag.name, cause, receivedTimeMs)
}

async function readBundle(it: Asking, bundle: readonly Asked[], signal: AbortSignal): Promise<[Asked, Reply][]> {
  const [first] = bundle
  if (!first) return []
  if (bundle.length === 1) return [[first, await readOne(it.wire, first, signal)]]
  const answer = await it.wire.ask(several(bundle.map(({ path, tag }) => readTag(path, tag.count))), signal)
  const replies = severalReplies(answer, bundle.length)
  if (!replies) {
    if (answer.status === NO_SUCH_SERVICE) it.controller.hasSeveral = false
    const parts = it.controller.hasSeveral ? halvesOf(bundle) : bundle.map((one) => [one])
    const read: [Asked, Reply][] = []
    for (const part of parts) read.push(...(await readBundle(it, part, signal)))
    return read
  }
  const read: [Asked, Reply][] = []
  for (const [at, one] of bundle.entries()) {
    const reply = replies[at]
    // What had no room beside the others has it alone, or is read in parts.
    read.push([one, reply && !isTooLong(reply) ? learnt(one, reply) : await readOne(it.wire, one, signal)])
  }
  return read
}

const halvesOf = <Each>(all: readonly Each[]): Each[][] => {
  const middle = Math.ceil(all.length / 2)
  return [all.slice(0, middle), all.slice(middle)]
}

const isTooLong = ({ status }: Reply) => status === PARTIAL || status === REPLY_TOO_LARGE

function learnt(one: Asked, reply: Reply): Reply {
  if (reply.status === 0) one.bytes = reply.data.length
  return reply
}

/** By itself, in parts where it has to be. */
async function readOne(wire: Requests, one: Asked, signal: AbortSignal): Promise<Reply> {
  const { path, tag } = one
  if (ANSWER_HEAD + one.bytes <= wire.bytes) {
    const reply = await wire.ask(readTag(path, tag.count), signal)
    if (!isTooLong(reply)) return learnt(one, reply)
  }
  return learnt(one, await readParts(wire, one, signal))
}

/** No element that is read here is longer than a STRING. */
const ELEMENT_MAX = 88

/**
 * [1756-PM020, Read Tag Fragmented] Each part says the type anew, and with PARTIAL that more follows. What no value can be made of is not read to its end:
 * a structure may be as long as the memory of the controller.
 */
async function readParts(wire: Requests, { path, tag }: Asked, signal: AbortSignal): Promise<Reply> {
  const parts: Uint8Array[] = []
  for (let from = 0; ; ) {
    const reply = await wire.ask(readFragment(path, tag.count, from), signal)
    if (reply.status !== 0 && reply.status !== PARTIAL) return reply
    const told = toldIn(reply.data)
    if (!told) return { ...reply, status: 0, data: new Uint8Array() }
    if (parts.length === 0) parts.push(told.type)
    parts.push(told.bytes)
    from += told.bytes.length
    if (reply.status === 0 || !isKnown(told.type) || from > tag.count * ELEMENT_MAX)
      return { ...reply, status: 0, data: Buffer.concat(parts) }
  }
}

/** What each group's round asks for where every answer has room, as far as it can be known before types are. */
export function planEthernetIp({ groups, connection }: EthernetIpSource): SourcePlan {
  return {
    groups: groups.map(({ name, tags }) => {
      const asked = askedOf(tags)
      const bundles = packAsked(asked, connection.connectionBytes - 2)
      const places = tags.reduce((sum, { count }) => sum + count, 0)
      return { group: name, requests: bundles.length, places }
    }),
    problems: [],
  }
}
