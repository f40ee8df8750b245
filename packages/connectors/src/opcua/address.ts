/**
 * OPC UA address: the node of a tag, and the requests that read a group. It needs no library. [OPC 10000-6, 5.3.1.10]
 */
import type { SourcePlan } from '@skerry/connectors/session'
import type { OpcuaTag } from '@skerry/contract/sources/protocols/source-opcua'
import type { OpcuaSource } from '@skerry/contract/sources/source'

/** The namespace of a node: by its index in the server's table, or by its name. */
export type Namespace = { index: number } | { uri: string }

/** `rest`: the identifier with its kind, such as `s=Pressure`. */
export type NodeAddress = { namespace: Namespace; rest: string }

export function nodeAddressOf({ address }: Pick<OpcuaTag, 'address'>): NodeAddress {
  const [, index, uri, rest = address] = /^(?:ns=(\d+);|nsu=([^;]+);)?([\s\S]*)$/.exec(address) ?? []
  return { namespace: uri === undefined ? { index: Number(index ?? 0) } : { uri }, rest }
}

/** [OPC 10000-6, 5.2.2.9] Indexes of namespaces have 16 bits, numbers of nodes have 32. */
const INDEX_MAX = 0xffff
const NUMBER_MAX = 0xffff_ffff

/** The reason why such a node cannot exist. Undefined if it can. */
export function addressProblem(tag: Pick<OpcuaTag, 'address'>): string | undefined {
  const { namespace, rest } = nodeAddressOf(tag)
  if ('index' in namespace && namespace.index > INDEX_MAX) return `the highest namespace is ${INDEX_MAX}`
  return rest.startsWith('i=') && Number(rest.slice(2)) > NUMBER_MAX
    ? `the highest number of a node is ${NUMBER_MAX}`
    : undefined
}

/** Plans the requests of each group's round. None if the server sends changes by itself. */
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
