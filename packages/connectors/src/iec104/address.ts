/** IEC 104 address: the object and the station of a tag. */
import type { SourcePlan } from '@skerry/connectors/session'
import type { Iec104Connection } from '@skerry/contract/sources/protocols/source-iec104'
import type { Iec104Source } from '@skerry/contract/sources/source'

export type ObjectPlace = { commonAddress: number; address: number }

export function placeOf(text: string, { commonAddress }: Pick<Iec104Connection, 'commonAddress'>): ObjectPlace {
  const [first, second] = text.split('/').map(Number)
  return second === undefined ? { commonAddress, address: first ?? 0 } : { commonAddress: first ?? 0, address: second }
}

/** A key for each place, for lookups. */
export const objectKey = ({ commonAddress, address }: ObjectPlace): string => `${commonAddress}/${address}`

/** The stations that get an interrogation. */
export const commonAddressesOf = ({ connection, groups }: Iec104Source): number[] => [
  ...new Set(groups.flatMap(({ tags }) => tags.map(({ address }) => placeOf(address, connection).commonAddress))),
]

/** One interrogation of each station fetches all values. Then the stations send changes by themselves. */
export function planIec104(source: Iec104Source): SourcePlan {
  const { connection, groups } = source
  return {
    groups: groups.map(({ name, tags }) => {
      const stations = new Set(tags.map(({ address }) => placeOf(address, connection).commonAddress))
      return { group: name, requests: stations.size, places: tags.length }
    }),
    problems: [],
  }
}
