/** Modbus address: where a tag stands, and which requests read a group of them. [Modbus Application Protocol V1.1b3, 4.3] */
import type { SourcePlan } from '@skerry/connectors/session'
import type { ModbusConnection, ModbusTag } from '@skerry/contract/sources/protocols/source-modbus'
import type { ModbusSource } from '@skerry/contract/sources/source'
import { type Block, planReads } from '@skerry/core/equipment/read-plan'
import { type Encoding, registersOf } from '@skerry/core/equipment/register-codec'

export type Table = 'holding' | 'input' | 'coil' | 'discrete'

export type Place = { unit: number; table: Table; start: number; length: number }

const TABLES: readonly Table[] = ['holding', 'input', 'coil', 'discrete']

/** [Modbus 4.4] Addresses have 16 bits. */
const ADDRESS_MAX = 0xffff

/** Where the tag stands on the wire. */
export function placeOf(tag: ModbusTag, { unit, firstAddress }: ModbusConnection): Place {
  const [name, number = ''] = tag.address.split(':')
  return {
    unit: tag.unitId ?? unit,
    table: TABLES.find((table) => table === name) ?? 'holding',
    start: Number(number) - firstAddress,
    length: lengthOf(tag),
  }
}

/** The units that a source asks. */
export const unitsOf = ({ connection, groups }: ModbusSource): Set<number> =>
  new Set(groups.flatMap(({ tags }) => tags.map(({ unitId }) => unitId ?? connection.unit)))

/** Why the tag cannot be asked for; undefined where it can. */
export function placeProblem(
  { start, length }: Place,
  { firstAddress, plan }: ModbusConnection,
  table: Table,
): string | undefined {
  if (start < 0) return `the first address here is ${firstAddress}`
  if (start + length - 1 > ADDRESS_MAX) return `it ends beyond address ${ADDRESS_MAX + firstAddress}`
  const lengthMax = isBitTable(table) ? plan.bitsMax : plan.registersMax
  return length > lengthMax ? `it needs ${length} registers, and one request can read ${lengthMax}` : undefined
}

export const isBitTable = (table: Table): boolean => table === 'coil' || table === 'discrete'

/** How the tag's registers hold it; undefined for coils, discrete inputs and bits of registers. */
export function encodingOf(tag: ModbusTag): Encoding | undefined {
  const type = typeOf(tag)
  if (type === 'bool') return undefined
  if (type === 'string') return { type, order: tag.order, bytes: tag.length ?? 0 }
  return { type, order: tag.order, count: tag.count }
}

/** What it is where nothing is said. */
export function typeOf({ type, address }: ModbusTag): NonNullable<ModbusTag['type']> {
  return type ?? (/^(coil|discrete)/.test(address) ? 'bool' : 'uint16')
}

function lengthOf(tag: ModbusTag): number {
  const encoding = encodingOf(tag)
  return encoding ? registersOf(encoding) : tag.count
}

/** One request, and the tags that it answers. */
export type Request = Block & { unit: number; table: Table }

/** The requests of one round; `members` are places in the list of tags. Tags that cannot be asked for are in none. */
export function planRequests(tags: readonly ModbusTag[], connection: ModbusConnection): Request[] {
  const { mode, gapMax, registersMax, bitsMax } = connection.plan
  const places = tags.map((tag) => placeOf(tag, connection))
  const units = [...new Set(places.map(({ unit }) => unit))]
  const areas = units.flatMap((unit) => TABLES.map((table) => ({ unit, table })))
  return areas.flatMap(({ unit, table }) => {
    const indexes = places.flatMap((place, index) =>
      place.unit === unit && place.table === table && placeProblem(place, connection, table) === undefined
        ? [index]
        : [],
    )
    const spans = indexes.map((index) => places[index] ?? { start: 0, length: 0 })
    const lengthMax = isBitTable(table) ? bitsMax : registersMax
    return planReads(spans, { mode, gapMax, lengthMax }).map((block) => ({
      ...block,
      unit,
      table,
      members: block.members.map((member) => indexes[member] ?? -1),
    }))
  })
}

/** What each group's round asks for, and what cannot be asked for. */
export function planModbus({ groups, connection }: ModbusSource): SourcePlan {
  return {
    groups: groups.map(({ name, tags }) => {
      const requests = planRequests(tags, connection)
      return { group: name, requests: requests.length, places: requests.reduce((sum, { length }) => sum + length, 0) }
    }),
    problems: groups.flatMap(({ tags }) =>
      tags.flatMap((tag) => {
        const place = placeOf(tag, connection)
        const message = placeProblem(place, connection, place.table)
        return message === undefined ? [] : [{ tag: tag.name, message }]
      }),
    ),
  }
}
