/** The table of events of devices. */
import type { DeviceChange, DeviceEventKind } from '@skerry/contract/devices/device-event'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { Json } from '../json-column.ts'

export type DeviceEventTable = {
  device_id: DeviceId
  organisation_id: OrganisationId
  sequence: number
  at_ms: number
  kind: DeviceEventKind
  change: Json<DeviceChange>
}

export type DeviceEventTables = { device_events: DeviceEventTable }
