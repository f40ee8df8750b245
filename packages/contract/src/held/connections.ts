/** The sources and sinks of a device, as the hub sends them and as the device reports that it holds them. */
import * as z from 'zod'
import {
  ConnectionKind,
  ConnectionStatus,
  DEVICE_CONNECTIONS_MAX,
  HubQueueStatus,
  SPEC_BYTES_MAX,
} from '../connections/connection.ts'
import { Clearance } from '../values/clearance.ts'
import { Digest } from '../values/digest.ts'
import { ConnectionId, DeviceId } from '../values/ids.ts'
import { Name } from '../values/names.ts'
import type { HeldKind } from './held-document.ts'

/**
 * The connections that a device should have, by digest. Their bytes come over HTTPS, because a source may be larger
 * than a message. Not strict: a later hub may add fields.
 */
export const ConnectionsDocument = z.object({
  v: z.literal(1),
  deviceId: DeviceId,
  /** Identifies the content, so that the same content need not be sent again. */
  revision: Digest,
  /** The site of the device, its country, and the most sensitive data that it may handle. Older hubs do not send them. */
  site: z.object({ name: Name, clearance: Clearance, country: z.string().max(2).optional() }).optional(),
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

/** The connections on the device's disk, and their state. Not strict: a later device may add fields. */
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
