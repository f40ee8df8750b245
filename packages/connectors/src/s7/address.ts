/** S7 address: the place of a tag, and the blocks of bytes that read a group of tags in few requests. */
import type { SourcePlan } from '@skerry/connectors/session'
import type { S7Connection, S7Tag } from '@skerry/contract/sources/protocols/source-s7'
import { type S7Type, s7AddressOf } from '@skerry/contract/sources/s7-address'
import type { S7Source } from '@skerry/contract/sources/source'
import { type Block, planReads } from '@skerry/core/equipment/read-plan'
import { type Area, itemBytesMax, packItems } from './frame.ts'

export type BlockPlace = {
  area: Area
  db: number
  start: number
  length: number
  bit: number | undefined
  type: S7Type
}

/** The bytes of one value. */
const SIZES: Readonly<Record<Exclude<S7Type, 'bool' | 'string'>, number>> = {
  byte: 1,
  word: 2,
  int: 2,
  dword: 4,
  dint: 4,
  real: 4,
  lint: 8,
  lreal: 8,
}

/** The tag was parsed, so it has an address. */
export function placeOf(tag: S7Tag): BlockPlace {
  const { bit, type, ...place } = s7AddressOf(tag) ?? { ...NOWHERE }
  return { ...place, bit, type, length: lengthOf(tag, type, bit ?? 0) }
}

const NOWHERE = { area: 'M', db: 0, start: 0, bit: undefined, type: 'byte' } as const

function lengthOf({ count, length = 0 }: S7Tag, type: S7Type, bit: number): number {
  // Before its letters, a string has its longest and its current length.
  if (type === 'string') return length + 2
  return type === 'bool' ? Math.ceil((bit + count) / 8) : SIZES[type] * count
}

/** The reason why the tag cannot be read. Undefined if it can. */
export function placeProblem({ start, length }: BlockPlace, pdu: number): string | undefined {
  if (start + length > ADDRESSES) return `it ends beyond byte ${ADDRESSES - 1}`
  return length > itemBytesMax(pdu)
    ? `it needs ${length} bytes, and a message can have ${itemBytesMax(pdu)}`
    : undefined
}

/** The bytes by which a write request is longer than an answer with the same bytes. */
const WRITE_MORE = 12

/**
 * The reason why the tag cannot be written in one request. With two requests, the write would be half done if the
 * second one fails.
 */
export const writeProblem = (place: BlockPlace, pdu: number): string | undefined =>
  placeProblem(place, pdu - WRITE_MORE)

/** The address of a byte has 16 bits. */
const ADDRESSES = 0x1_0000

/** Bytes of one area. `members`: indexes in the list of tags. */
export type AreaBlock = Block & { area: Area; db: number }

/** The blocks of one round. Tags that cannot be read are in none. */
export function planBlocks(tags: readonly S7Tag[], { mode, gapMax }: S7Connection['plan'], pdu: number): AreaBlock[] {
  const byArea = new Map<string, { area: Area; db: number; indexes: number[] }>()
  const places = tags.map(placeOf)
  for (const [index, place] of places.entries()) {
    if (placeProblem(place, pdu) !== undefined) continue
    const { area, db } = place
    const key = `${area}${db}`
    const found = byArea.get(key) ?? { area, db, indexes: [] }
    found.indexes.push(index)
    byArea.set(key, found)
  }
  return [...byArea.values()].flatMap(({ area, db, indexes }) => {
    const spans = indexes.map((index) => places[index] ?? { start: 0, length: 0 })
    return planReads(spans, { mode, gapMax, lengthMax: itemBytesMax(pdu) }).map((block) => ({
      ...block,
      area,
      db,
      members: block.members.map((member) => indexes[member] ?? -1),
    }))
  })
}

/**
 * Plans the requests of each group's round, if the CPU accepts messages as long as ours, and lists the tags that cannot
 * be read.
 */
export function planS7({ groups, connection: { plan, pduMax } }: S7Source): SourcePlan {
  return {
    groups: groups.map(({ name, tags }) => {
      const blocks = planBlocks(tags, plan, pduMax)
      const places = blocks.reduce((sum, { length }) => sum + length, 0)
      return { group: name, requests: packItems(blocks, pduMax).length, places }
    }),
    problems: groups.flatMap(({ tags }) =>
      tags.flatMap((tag) => {
        const place = placeOf(tag)
        const message = tag.write ? writeProblem(place, pduMax) : placeProblem(place, pduMax)
        return message === undefined ? [] : [{ tag: tag.name, message }]
      }),
    ),
  }
}
