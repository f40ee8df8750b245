/** OPC UA limits: how a server numbers its namespaces, and how much it takes in one request. [OPC 10000-5, 6.3.11] */
import type { OpcuaConnection } from '@skerry/contract/sources/protocols/source-opcua'
import { AttributeIds } from 'node-opcua-client'
import type { Wire } from './wire.ts'

export type Limits = { namespaces: string[]; readMax: number; watchMax: number }

/** [OPC 10000-6, A.3] Server.NamespaceArray, MaxNodesPerRead, MaxMonitoredItemsPerCall. */
const NODES = ['i=2255', 'i=11705', 'i=11714']

export async function readLimits(wire: Wire, { itemsMax }: OpcuaConnection, signal: AbortSignal): Promise<Limits> {
  const asked = NODES.map((nodeId) => ({ nodeId, attributeId: AttributeIds.Value }))
  const [names, readMax, watchMax] = await wire.ask(() => wire.session.read(asked), signal)
  const uris: unknown = names?.value.value
  // 0, as no answer, is no limit.
  const least = (limit: unknown) => Math.min(itemsMax, typeof limit === 'number' && limit > 0 ? limit : itemsMax)
  return {
    namespaces: Array.isArray(uris) ? uris.map(String) : [],
    readMax: least(readMax?.value.value),
    watchMax: least(watchMax?.value.value),
  }
}
