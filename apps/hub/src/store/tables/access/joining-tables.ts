/** The tables of devices that join, as Kysely sees them. */

import type { JoiningRules } from '@skerry/contract/joining/join'
import type { DeviceId, ExpectedDeviceId, OrganisationId, SiteId } from '@skerry/contract/values/ids'
import type { Labels } from '@skerry/contract/values/names'
import type { Json } from '../../json-column.ts'

/** The last join request of a device. Only its key is proved; the rest comes from the device, with its address. */
export type DeviceOriginTable = {
  device_id: DeviceId
  organisation_id: OrganisationId
  /** The address of the last request. */
  source: string
  serial: string | null
  hostname: string
  machine: string
  /** The time of the last request, to a minute. */
  asked_at_ms: number
}

export type ExpectedDeviceTable = {
  id: ExpectedDeviceId
  organisation_id: OrganisationId
  site_id: SiteId
  serial: string | null
  key_fingerprint: string | null
  name: string | null
  labels: Json<Labels>
  /** The name of the person who announced it. */
  created_by: string
  created_at_ms: number
  /** The device that has joined for it; null again after the device's removal. */
  device_id: DeviceId | null
  joined_at_ms: number | null
}

/** The newest time at which a device's certificate was used in two places at once. */
export type DeviceDuplicateTable = {
  device_id: DeviceId
  organisation_id: OrganisationId
  first_at_ms: number
  last_at_ms: number
  times: number
  kept_source: string
  other_source: string
}

export type JoiningTables = {
  device_duplicates: DeviceDuplicateTable
  expected_devices: ExpectedDeviceTable
  device_origins: DeviceOriginTable
  joining_rules: { organisation_id: OrganisationId; approval: JoiningRules['approval']; lapsed_days: number }
}
