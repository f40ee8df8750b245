/** OPC UA node id: a tag's address as the library wants it, once the server has said how it numbers its namespaces. */
import type { OpcuaTag } from '@skerry/contract/sources/protocols/source-opcua'
import { coerceNodeId, type NodeId } from 'node-opcua-client'
import { addressProblem, nodeAddressOf } from './address.ts'

export type FoundNode = { ok: true; nodeId: NodeId } | { ok: false; message: string }

/** `namespaces` is the server's table. */
export function findNode(tag: Pick<OpcuaTag, 'address'>, namespaces: readonly string[]): FoundNode {
  const problem = addressProblem(tag)
  if (problem !== undefined) return { ok: false, message: problem }
  const { namespace, rest } = nodeAddressOf(tag)
  const index = 'index' in namespace ? namespace.index : namespaces.indexOf(namespace.uri)
  if (index === -1) return { ok: false, message: 'the server does not have this namespace' }
  try {
    return { ok: true, nodeId: coerceNodeId(`ns=${index};${rest}`) }
  } catch {
    return { ok: false, message: 'it is not a node id' }
  }
}
