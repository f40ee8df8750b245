/** The tables of devices that join, as Kysely sees them. */

import type { JoiningRules } from '@skerry/contract/joining/join'
import type { DeviceId, ExpectedDeviceId, OrganisationId, SiteId } from '@skerry/contract/values/ids'
import type { Labels } from '@skerry/contract/values/names'
import type { Json } from '../../json-column.ts'

/** How a device asked to be let in. Only its key is proved: the rest is what it said, and where it came from. */
export type DeviceOriginTable = {
  device_id: DeviceId
  organisation_id: OrganisationId
  /** The address that it asked from last. */
  source: string
  serial: string | null
  hostname: string
  machine: string
  /** When it asked last, to a minute. */
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
  /** The name of who announced it. */
  created_by: string
  created_at_ms: number
  /** Who has joined as this one; null again once that is removed. */
  device_id: DeviceId | null
  joined_at_ms: number | null
}

/** The newest time that a device's certificate was used in two places at once. */
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
