/** The table of links: the newest one of each device. */
import type { LinkEnd } from '@skerry/contract/devices/device'
import type { DeviceId } from '@skerry/contract/values/ids'

export type DeviceLinkTable = {
  device_id: DeviceId
  /** The hub that has or had the link. An open link of a hub that is gone has ended. */
  hub_id: string
  connected_at_ms: number
  /** Null while the link is open. */
  ended_at_ms: number | null
  ended: LinkEnd | null
}

/** From a ping of the hub to the answer of the device: the least of the last minutes. */
export type DeviceRoundTripTable = { device_id: DeviceId; round_trip_ms: number; measured_at_ms: number }

export type DeviceLinkTables = { device_links: DeviceLinkTable; device_round_trips: DeviceRoundTripTable }
