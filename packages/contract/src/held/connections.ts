/** The sources and sinks of a device, as the hub sends them and as the device reports that it holds them. */
import * as z from 'zod'
import {
  ConnectionKind,
  ConnectionStatus,
  DEVICE_CONNECTIONS_MAX,
  HubQueueStatus,
  SPEC_BYTES_MAX,
} from '../connections/connection.ts'
import { Digest } from '../values/digest.ts'
import { ConnectionId, DeviceId } from '../values/ids.ts'
import { Name } from '../values/names.ts'
import type { HeldKind } from './held-document.ts'

/** What a device should have, by digest; the bytes come over HTTPS, for a source may be larger than a message. Not strict: a later hub may say more. */
export const ConnectionsDocument = z.object({
  v: z.literal(1),
  deviceId: DeviceId,
  /** Names what they are. The same again need not be sent. */
  revision: Digest,
  connections: z
    .array(
      z.object({
        id: ConnectionId,
        kind: ConnectionKind,
        name: Name,
        version: z.int().min(1),
        digest: Digest,
        sizeBytes: z.int().min(1).max(SPEC_BYTES_MAX),
      }),
    )
    .max(DEVICE_CONNECTIONS_MAX),
})
export type ConnectionsDocument = z.infer<typeof ConnectionsDocument>

/** What the device has on its disk now, and how it does. Not strict: a later device may say more. */
export const HeldConnections = z.object({
  revision: Digest.optional(),
  running: z.array(ConnectionStatus).max(DEVICE_CONNECTIONS_MAX),
  hubQueue: HubQueueStatus.optional(),
})
export type HeldConnections = z.infer<typeof HeldConnections>

/** The row of this document. */
export const CONNECTIONS = {
  name: 'connections',
  document: ConnectionsDocument,
  held: HeldConnections,
} satisfies HeldKind<ConnectionsDocument, HeldConnections>
