/** The tables of sources and sinks. */
import type { ConnectionKind, ConnectionState } from '@skerry/contract/connections/connection'
import type { DataClasses } from '@skerry/contract/connections/data-classes'
import type { Digest } from '@skerry/contract/values/digest'
import type { ConnectionId, DeviceId, OrganisationId, SiteId } from '@skerry/contract/values/ids'
import type { Json } from '../json-column.ts'

export type ConnectionTable = {
  id: ConnectionId
  organisation_id: OrganisationId
  kind: ConnectionKind
  name: string
  /** The owner: the id of a site or of a device, or `organisation`. */
  owner: string
  site_id: SiteId | null
  device_id: DeviceId | null
  version: number
  protocol: string
  tags: number | null
  digest: Digest
  size_bytes: number
  /** Canonical JSON. It is read only when a caller needs it, because it may have 32 MiB. */
  spec: string
  created_at_ms: number
  updated_at_ms: number
  updated_by: string
}

/** The device's report on its connections, and their state. */
export type DeviceConnectionsTable = {
  device_id: DeviceId
  organisation_id: OrganisationId
  revision: string | null
  /** JSON of the running connections. */
  running: string
  /** JSON; null if the device has no queue for the hub. */
  hub_queue: string | null
  said_at_ms: number
}

/** The state of one connection on one device, from its last report. */
export type ConnectionStateTable = {
  organisation_id: OrganisationId
  device_id: DeviceId
  kind: ConnectionKind
  name: string
  connection_id: ConnectionId
  state: ConnectionState
  since_ms: number
  message: string | null
  values_per_second: number
}

/** The classes of a connection. One without classes has no row. */
export type ConnectionClassTable = {
  connection_id: ConnectionId
  organisation_id: OrganisationId
  classes: Json<DataClasses>
}

export type ConnectionTables = {
  connection_classes: ConnectionClassTable
  connections: ConnectionTable
  device_connections: DeviceConnectionsTable
  connection_states: ConnectionStateTable
}
