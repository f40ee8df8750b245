/** The sources and sinks of the device, and their states. */
import { CONNECTIONS, type ConnectionsDocument, type HeldConnections } from '@skerry/contract/held/connections'
import type { DeviceConnections } from '../connections/open-connections.ts'
import type { HeldDocument } from './held-document.ts'

export const connectionsHeld = (
  connections: DeviceConnections,
): HeldDocument<ConnectionsDocument, HeldConnections> => ({
  kind: CONNECTIONS,
  begins: 'proved',
  held: connections.held,
  async take(document, signal) {
    await connections.take(document, signal)
    return 'report'
  },
  news: connections.news,
})
