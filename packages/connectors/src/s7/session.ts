/** S7 session: reads groups of tags by few requests, and writes single tags. */
import { emptyReading, perGroup, type Reading } from '@skerry/connectors/reading'
import type { OpenSession, Session, SessionAlone } from '@skerry/connectors/session'
import { badValue } from '@skerry/connectors/value'
import type { S7Connection, S7Tag } from '@skerry/contract/sources/protocols/source-s7'
import type { S7Source } from '@skerry/contract/sources/source'
import { halvesOf } from '@skerry/core/equipment/read-plan'
import type { NumberReader } from '@skerry/core/equipment/register-codec'
import { type AreaBlock, type BlockPlace, placeOf, placeProblem, planBlocks } from './address.ts'
import { isAboutAddress, refusalCause } from './exceptions.ts'
import { type ItemAnswer, packItems } from './frame.ts'
import { quickReader, readTag } from './value.ts'
import { openWire, type Requests } from './wire.ts'
import { writeTag } from './write.ts'

type PlacedTag = { tag: S7Tag; place: BlockPlace; quick: NumberReader | undefined }

type ReadGroup = {
  tags: PlacedTag[]
  /**
   * Several blocks for each request. A block that the CPU rejects is split until only the tags are left out that the
   * CPU does not have.
   */
  requests: AreaBlock[][]
}

type Reader = { wire: Requests; nowMs: () => number }

export const openS7: OpenSession<S7Source> = async (source, { clock }, signal): Promise<Session> => {
  const wire = await openWire(source.connection, clock, signal)
  const tags = new Map(source.groups.flatMap((group) => group.tags.map((tag) => [tag.name, tag] as const)))
  const planOf = perGroup((group) =>
    readGroupOf(
      group.tags.flatMap(({ name }) => tags.get(name) ?? []),
      source.connection,
      wire.pdu,
    ),
  )
  const over = (own: Requests): SessionAlone => ({
    read: (group, waiting) => readAll({ wire: own, nowMs: clock.nowMs }, planOf(group), waiting),
    async write(name, value, waiting) {
      const tag = tags.get(name)
      if (!tag) return { ok: false, code: 'tag_unknown', message: `the source has no tag ${name}` }
      return writeTag(own, tag, value, waiting)
    },
  })
  return {
    ...over(wire),
    alone: (work) => wire.alone((own) => work(over(own))),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  }
}

function readGroupOf(tags: readonly S7Tag[], { plan }: S7Connection, pdu: number): ReadGroup {
  const placed = tags.map((tag): PlacedTag => {
    const place = placeOf(tag)
    return { tag, place, quick: quickReader(tag, place) }
  })
  return { tags: placed, requests: packItems(planBlocks(tags, plan, pdu), pdu) }
}

type Round = { it: Reader; tags: readonly PlacedTag[]; reading: Reading }

async function readAll(it: Reader, group: ReadGroup, signal: AbortSignal): Promise<Reading> {
  const { tags } = group
  const round: Round = { it, tags, reading: emptyReading(tags.length) }
  let isCut = false
  const blocks: AreaBlock[] = []
  for (const request of group.requests) {
    const after = await readBlocks(round, request, signal)
    isCut ||= after.length > request.length
    blocks.push(...after)
  }
  if (isCut) group.requests = packItems(blocks, it.wire.pdu)
  for (const [index, { tag, place }] of tags.entries()) {
    const problem = placeProblem(place, it.wire.pdu)
    const cause = { code: 'address_wrong', message: problem ?? '' }
    if (problem !== undefined) round.reading.others.set(index, badValue(tag.name, cause, it.nowMs()))
  }
  return round.reading
}

/** Resolves with the blocks that replace these from now on. */
async function readBlocks(round: Round, blocks: readonly AreaBlock[], signal: AbortSignal): Promise<AreaBlock[]> {
  const answers = await round.it.wire.read(blocks, signal)
  const after: AreaBlock[] = []
  for (const [index, block] of blocks.entries()) {
    const answer = answers[index]
    if (!answer) continue
    if (!answer.ok && isAboutAddress(answer.code) && block.members.length > 1) {
      for (const half of halvesOf(block, (member) => round.tags[member]?.place))
        after.push(...(await readBlocks(round, [half], signal)))
    } else {
      take(round, block, answer)
      after.push(block)
    }
  }
  return after
}

function take({ it, tags, reading }: Round, block: AreaBlock, answer: ItemAnswer): void {
  const receivedTimeMs = it.nowMs()
  const bytes = answer.ok ? answer.bytes : new Uint8Array()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (const index of block.members) {
    const placed = tags[index]
    if (!placed) continue
    const { tag, place, quick } = placed
    const from = place.start - block.start
    const number = answer.ok && quick ? quick(view, from) : Number.NaN
    reading.receivedTimesMs[index] = receivedTimeMs
    reading.numbers[index] = number
    if (!Number.isNaN(number)) continue
    const value = answer.ok
      ? readTag(tag, place, bytes.subarray(from, from + place.length), receivedTimeMs)
      : badValue(tag.name, refusalCause(answer.code), receivedTimeMs)
    reading.others.set(index, value)
  }
}
