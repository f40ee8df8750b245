/** The tables of the settings of devices. */
import type { HeldSettings } from '@skerry/contract/held/settings'
import type { DeviceSettings } from '@skerry/contract/settings/device-settings'
import type { DeviceId, OrganisationId, SiteId } from '@skerry/contract/values/ids'
import type { Json } from '../../json-column.ts'

export type SettingsLayerTable = {
  organisation_id: OrganisationId
  /** The owner: the id of a site or of a device, or `organisation`. */
  owner: string
  site_id: SiteId | null
  device_id: DeviceId | null
  settings: Json<DeviceSettings>
  revision: number
  created_at_ms: number
  changed_at_ms: number
  changed_by: string
}

/** The report of a device on its settings. */
export type DeviceSettingsTable = {
  device_id: DeviceId
  organisation_id: OrganisationId
  revision: string | null
  said: Json<Omit<HeldSettings, 'revision'>>
  said_at_ms: number
}

/** The bytes of files that the devices of a site have fetched on a day (UTC, counted from 1970). */
export type SiteDownloadTable = {
  site_id: SiteId
  organisation_id: OrganisationId
  day: number
  bytes: number
}

export type SettingsTables = {
  site_downloads: SiteDownloadTable
  settings_layers: SettingsLayerTable
  device_settings: DeviceSettingsTable
}
