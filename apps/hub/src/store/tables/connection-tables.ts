/** The tables of sources and sinks. */
import type { ConnectionKind } from '@skerry/contract/connections/connection'
import type { Digest } from '@skerry/contract/values/digest'
import type { ConnectionId, DeviceId, OrganisationId, SiteId } from '@skerry/contract/values/ids'

export type ConnectionTable = {
  id: ConnectionId
  organisation_id: OrganisationId
  kind: ConnectionKind
  name: string
  /** Whose it is: the id of a site or of a device, or `organisation`. */
  owner: string
  site_id: SiteId | null
  device_id: DeviceId | null
  version: number
  protocol: string
  tags: number | null
  digest: Digest
  size_bytes: number
  /** Canonical JSON. Read only where somebody wants it: it may have 32 MiB. */
  spec: string
  created_at_ms: number
  updated_at_ms: number
  updated_by: string
}

/** What a device has said that it holds, and how that does. */
export type DeviceConnectionsTable = {
  device_id: DeviceId
  organisation_id: OrganisationId
  revision: string | null
  /** JSON. */
  running: string
  /** JSON; null where the device has no queue for the hub. */
  hub_queue: string | null
  said_at_ms: number
}

export type ConnectionTables = { connections: ConnectionTable; device_connections: DeviceConnectionsTable }
