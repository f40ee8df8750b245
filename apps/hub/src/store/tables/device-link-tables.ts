/** The table of links: the newest one of each device. */
import type { LinkEnd } from '@skerry/contract/devices/device'
import type { DeviceId } from '@skerry/contract/values/ids'

export type DeviceLinkTable = {
  device_id: DeviceId
  /** The hub that has the link, or had it. An open link of a hub that is gone has ended. */
  hub_id: string
  connected_at_ms: number
  /** Null while the link is open. */
  ended_at_ms: number | null
  ended: LinkEnd | null
}

export type DeviceLinkTables = { device_links: DeviceLinkTable }
