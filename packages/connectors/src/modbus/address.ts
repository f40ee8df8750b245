/**
 * Modbus address: the place of a tag, and the requests that read a group of tags. [Modbus Application Protocol V1.1b3,
 * 4.3]
 */
import type { SourcePlan } from '@skerry/connectors/session'
import type { ModbusConnection, ModbusTag } from '@skerry/contract/sources/protocols/source-modbus'
import type { ModbusSource } from '@skerry/contract/sources/source'
import { type Block, planReads } from '@skerry/core/equipment/read-plan'
import { type Encoding, registersOf } from '@skerry/core/equipment/register-codec'

export type Table = 'holding' | 'input' | 'coil' | 'discrete'

export type RegisterPlace = { unit: number; table: Table; start: number; length: number }

const TABLES: readonly Table[] = ['holding', 'input', 'coil', 'discrete']

/** [Modbus 4.4] Addresses have 16 bits. */
const ADDRESS_MAX = 0xffff

/** The place of the tag in the protocol's addresses. */
export function placeOf(tag: ModbusTag, { unit, firstAddress }: ModbusConnection): RegisterPlace {
  const [name, number = ''] = tag.address.split(':')
  return {
    unit: tag.unitId ?? unit,
    table: TABLES.find((table) => table === name) ?? 'holding',
    start: Number(number) - firstAddress,
    length: lengthOf(tag),
  }
}

/** The units that a source reads. */
export const unitsOf = ({ connection, groups }: ModbusSource): Set<number> =>
  new Set(groups.flatMap(({ tags }) => tags.map(({ unitId }) => unitId ?? connection.unit)))

/** The reason why the tag cannot be read. Undefined if it can. */
export function placeProblem(
  { start, length }: RegisterPlace,
  { firstAddress, plan }: ModbusConnection,
  table: Table,
): string | undefined {
  if (start < 0) return `the first address here is ${firstAddress}`
  if (start + length - 1 > ADDRESS_MAX) return `it ends beyond address ${ADDRESS_MAX + firstAddress}`
  const lengthMax = isBitTable(table) ? plan.bitsMax : plan.registersMax
  return length > lengthMax ? `it needs ${length} registers, and one request can read ${lengthMax}` : undefined
}

export const isBitTable = (table: Table): boolean => table === 'coil' || table === 'discrete'

/** The encoding of the tag in its registers. Undefined for coils, discrete inputs and bits of registers. */
export function encodingOf(tag: ModbusTag): Encoding | undefined {
  const type = typeOf(tag)
  if (type === 'bool') return undefined
  if (type === 'string') return { type, order: tag.order, bytes: tag.length ?? 0 }
  return { type, order: tag.order, count: tag.count }
}

/** The default type of the tag's table, if none is given. */
export function typeOf({ type, address }: ModbusTag): NonNullable<ModbusTag['type']> {
  return type ?? (/^(coil|discrete)/.test(address) ? 'bool' : 'uint16')
}

function lengthOf(tag: ModbusTag): number {
  const encoding = encodingOf(tag)
  return encoding ? registersOf(encoding) : tag.count
}

/** One request, and the tags that it answers. */
export type Request = Block & { unit: number; table: Table }

/** The requests of one round. `members`: indexes in the list of tags. Tags that cannot be read are in no request. */
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

/** Plans the requests of each group's round, and lists the tags that cannot be read. */
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
