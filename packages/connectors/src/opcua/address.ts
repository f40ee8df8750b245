/** OPC UA address: which node a tag is, and what reading a group takes. Needs no library. [OPC 10000-6, 5.3.1.10] */
import type { SourcePlan } from '@skerry/connectors/session'
import type { OpcuaTag } from '@skerry/contract/sources/protocols/source-opcua'
import type { OpcuaSource } from '@skerry/contract/sources/source'

/** Which namespace a node is in: by its place in the server's table, or by its name. */
export type Namespace = { index: number } | { uri: string }

/** `rest` is the identifier with its kind: `s=Pressure`. */
export type NodeAddress = { namespace: Namespace; rest: string }

export function nodeAddressOf({ address }: Pick<OpcuaTag, 'address'>): NodeAddress {
  const [, index, uri, rest = address] = /^(?:ns=(\d+);|nsu=([^;]+);)?([\s\S]*)$/.exec(address) ?? []
  return { namespace: uri === undefined ? { index: Number(index ?? 0) } : { uri }, rest }
}

/** [OPC 10000-6, 5.2.2.9] Numbers of namespaces have 16 bits, those of nodes 32. */
const INDEX_MAX = 0xffff
const NUMBER_MAX = 0xffff_ffff

/** Why there can be no such node; undefined where there can. */
export function addressProblem(tag: Pick<OpcuaTag, 'address'>): string | undefined {
  const { namespace, rest } = nodeAddressOf(tag)
  if ('index' in namespace && namespace.index > INDEX_MAX) return `the highest namespace is ${INDEX_MAX}`
  return rest.startsWith('i=') && Number(rest.slice(2)) > NUMBER_MAX
    ? `the highest number of a node is ${NUMBER_MAX}`
    : undefined
}

/** What each group's round asks for: nothing where the server tells by itself. */
export function planOpcua({ groups, connection: { reading, itemsMax } }: OpcuaSource): SourcePlan {
  return {
    groups: groups.map(({ name, tags }) => {
      const requests = reading === 'poll' ? Math.ceil(tags.length / itemsMax) : 0
      return { group: name, requests, places: tags.length }
    }),
    problems: groups.flatMap(({ tags }) =>
      tags.flatMap((tag) => {
        const message = addressProblem(tag)
        return message === undefined ? [] : [{ tag: tag.name, message }]
      }),
    ),
  }
}
