/** IEC 104 address: which object of which station a tag is. */
import type { SourcePlan } from '@skerry/connectors/session'
import type { Iec104Connection } from '@skerry/contract/sources/protocols/source-iec104'
import type { Iec104Source } from '@skerry/contract/sources/source'

export type Place = { commonAddress: number; address: number }

export function placeOf(text: string, { commonAddress }: Pick<Iec104Connection, 'commonAddress'>): Place {
  const [first, second] = text.split('/').map(Number)
  return second === undefined ? { commonAddress, address: first ?? 0 } : { commonAddress: first ?? 0, address: second }
}

/** One text for each place, to look it up. */
export const keyOf = ({ commonAddress, address }: Place): string => `${commonAddress}/${address}`

/** The stations that are asked for all they know. */
export const commonAddressesOf = ({ connection, groups }: Iec104Source): number[] => [
  ...new Set(groups.flatMap(({ tags }) => tags.map(({ address }) => placeOf(address, connection).commonAddress))),
]

/** One interrogation for each station brings all; then they tell by themselves. */
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
