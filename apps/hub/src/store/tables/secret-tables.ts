/** The tables of secrets, and of the keys that encrypt them. */
import type { DeviceId, OrganisationId, SecretId, SiteId } from '@skerry/contract/values/ids'
import type { ONLY } from './hub-tables.ts'

/** The encryption key that wraps data keys now. One row. */
export type HubEncryptionTable = { id: typeof ONLY; key_id: string }

export type DataKeyTable = {
  id: string
  organisation_id: OrganisationId
  /** The wrapped key as base64url text. */
  wrapped: string
  /** The id of the encryption key that wraps it. */
  key_id: string
  created_at_ms: number
}

export type SecretTable = {
  id: SecretId
  organisation_id: OrganisationId
  name: string
  /** The owner: the id of a site or of a device, `organisation` or `hub`. */
  owner: string
  site_id: SiteId | null
  device_id: DeviceId | null
  version: number
  size_bytes: number
  /** The encrypted value (encryption/vault.ts). */
  value: string
  created_at_ms: number
  updated_at_ms: number
  updated_by: string
}

export type SecretVersionTable = {
  secret_id: SecretId
  version: number
  size_bytes: number
  set_at_ms: number
  set_by: string
}

/** The device's report on its secrets. */
export type DeviceSecretsTable = {
  device_id: DeviceId
  organisation_id: OrganisationId
  revision: string | null
  said_at_ms: number
}

export type SecretTables = {
  hub_encryption: HubEncryptionTable
  data_keys: DataKeyTable
  secrets: SecretTable
  secret_versions: SecretVersionTable
  device_secrets: DeviceSecretsTable
}
