/** S7 address: where a tag stands, and which blocks of bytes read a group of them in few requests. */
import type { SourcePlan } from '@skerry/connectors/session'
import type { S7Connection, S7Tag } from '@skerry/contract/sources/protocols/source-s7'
import { type S7Type, s7AddressOf } from '@skerry/contract/sources/s7-address'
import type { S7Source } from '@skerry/contract/sources/source'
import { type Block, planReads } from '@skerry/core/equipment/read-plan'
import { type Area, itemBytesMax, packItems } from './frame.ts'

export type Place = { area: Area; db: number; start: number; length: number; bit: number | undefined; type: S7Type }

/** Bytes of one. */
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
export function placeOf(tag: S7Tag): Place {
  const { bit, type, ...place } = s7AddressOf(tag) ?? { ...NOWHERE }
  return { ...place, bit, type, length: lengthOf(tag, type, bit ?? 0) }
}

const NOWHERE = { area: 'M', db: 0, start: 0, bit: undefined, type: 'byte' } as const

function lengthOf({ count, length = 0 }: S7Tag, type: S7Type, bit: number): number {
  // A string has before its letters how many there may be, and how many there are.
  if (type === 'string') return length + 2
  return type === 'bool' ? Math.ceil((bit + count) / 8) : SIZES[type] * count
}

/** Why it cannot be asked for; undefined where it can. */
export function placeProblem({ start, length }: Place, pdu: number): string | undefined {
  if (start + length > ADDRESSES) return `it ends beyond byte ${ADDRESSES - 1}`
  return length > itemBytesMax(pdu)
    ? `it needs ${length} bytes, and a message can have ${itemBytesMax(pdu)}`
    : undefined
}

/** By which a request to write is longer than an answer with the same bytes. */
const WRITE_MORE = 12

/** Why it cannot be written at once; by two requests it would be half done where the second fails. */
export const writeProblem = (place: Place, pdu: number): string | undefined => placeProblem(place, pdu - WRITE_MORE)

/** The address of a byte has 16 bits. */
const ADDRESSES = 0x1_0000

/** Bytes of one area; `members` are places in the list of tags. */
export type AreaBlock = Block & { area: Area; db: number }

/** The blocks of one round. Tags that cannot be asked for are in none. */
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

/** What each group's round asks for where the CPU takes messages as long as we do, and what cannot be asked for. */
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
