/** The tables that most of the hub reads, as Kysely sees them. Instants are milliseconds; booleans are 0 and 1; JSON is text. */
import type { Actor, AuditRecord } from '@skerry/contract/audit/audit'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { DeviceStatus, Endpoints, Inventory } from '@skerry/contract/devices/device'
import type { Cause, ItemReport, ItemState, ShadowStats } from '@skerry/contract/devices/item'
import type { DetailValueOf, VersionKind } from '@skerry/contract/kinds/kinds'
import type { SigstoreBundle } from '@skerry/contract/models/signature'
import type { RoleName } from '@skerry/contract/people/role'
import type { SiteSpec } from '@skerry/contract/sites/site'
import type { Digest } from '@skerry/contract/values/digest'
import type {
  AuthorityId,
  DeploymentId,
  DeviceId,
  JoinTokenId,
  KeyId,
  OrganisationId,
  SiteId,
  UploadId,
  UserId,
  VersionId,
} from '@skerry/contract/values/ids'
import type { Labels } from '@skerry/contract/values/names'
import type { Json } from '../json-column.ts'

export type OrganisationTable = {
  id: OrganisationId
  name: string
  created_at_ms: number
  /** What operators decide: null where they have not. */
  disabled_at_ms?: number | null | undefined
  disabled_reason?: string | null | undefined
  removed_at_ms?: number | null | undefined
  /** When the last of what it had was deleted. */
  purged_at_ms?: number | null | undefined
  devices_max?: number | null | undefined
  storage_bytes_max?: number | null | undefined
  requests_per_minute_max?: number | null | undefined
}

export type KeyTable = {
  id: KeyId
  /** Who made it, where a person did: two keys of one person are one pair of hands. */
  person_id?: UserId | null | undefined
  organisation_id: OrganisationId
  name: string
  role: RoleName
  /** SHA-256 of the secret, hex. */
  secret_hash: string
  created_at_ms: number
  expires_at_ms: number | null
  last_used_at_ms: number | null
  revoked_at_ms: number | null
  /** Whose it is: it does what the person may do, and ends with the person. Null where it is a program's. */
  user_id: UserId | null
  /** 1 where the person had proved more than one thing when it was made. */
  is_multi_factor: 0 | 1
}

export type AuditTable = {
  organisation_id: OrganisationId
  sequence: number
  at_ms: number
  actor: Json<Actor>
  /** Of `actor`, to be found by. */
  actor_id: string
  actor_name: string
  action: string
  /** What stands before the dot of `action`. */
  action_noun: string
  object_kind: string
  object_id: string
  source: string | null
  result: string
  detail: Json<AuditRecord['detail']>
  previous_hash: Digest
  hash: Digest
}

export type SiteTable = {
  id: SiteId
  organisation_id: OrganisationId
  name: string
  kind: SiteSpec['kind']
  country: string | null
  region: string | null
  latitude: number | null
  longitude: number | null
  clearance: SiteSpec['clearance']
  labels: Json<Labels>
  revision: number
  created_at_ms: number
}

export type JoinTokenTable = {
  id: JoinTokenId
  organisation_id: OrganisationId
  site_id: SiteId
  /** SHA-256 of the secret, hex. */
  secret_hash: string
  labels: Json<Labels>
  uses_max: number
  uses: number
  approval: 'auto' | 'manual'
  /** Addresses from which the token counts; none: all. */
  networks: Json<string[]>
  created_at_ms: number
  expires_at_ms: number
  revoked_at_ms: number | null
}

export type DeviceTable = {
  id: DeviceId
  organisation_id: OrganisationId
  site_id: SiteId
  name: string
  labels: Json<Labels>
  revision: number
  status: DeviceStatus
  /** SHA-256 of the public key (PEM, SPKI), hex: the same key joining again is the same device, and a certificate for another key is not its. */
  public_key_hash: string
  /** PEM, the certificate that was issued last; null while pending. */
  certificate_pem: string | null
  certificate_serial: string | null
  certificate_fingerprint: string | null
  certificate_not_after_ms: number | null
  /** Whose certificate the device has shown while it trusted all that count; null: the first's. */
  shown_authority: AuthorityId | null
  join_token_id: JoinTokenId
  /** The newest generation that this hub issued to the device; generations go on above this and above what it reports. */
  generation: number
  /** What the device followed when a person resumed it last: not a conflict any more. */
  resumed_generation: number | null
  resumed_digest: Digest | null
  created_at_ms: number
}

/** The newest report of a device, one row each; what it said of its items is in `device_items`. */
export type DeviceReportTable = {
  device_id: DeviceId
  organisation_id: OrganisationId
  last_seen_at_ms: number
  /** After which silence is news: three times as long as the hub told the device to wait until its next report. */
  stale_at_ms: number
  reported_at_ms: number
  agent_version: string
  boot_id: string
  /** Of the start before: an agent that comes back with it was not alone. */
  previous_boot_id: string | null
  observed_generation: number
  observed_digest: Digest | null
  last_good_generation: number
  conditions: Json<Cause[]>
  endpoints: Json<Endpoints>
  inventory: Json<Inventory>
}

export type DeviceItemTable = {
  device_id: DeviceId
  organisation_id: OrganisationId
  kind: VersionKind
  name: string
  deployment_id: DeploymentId
  target_revision: number
  target_version: number
  target_digest: Digest
  retry_token: number
  state: ItemState
  cause: Json<Cause> | null
  /** When the window opens that it waits for, by the device's clock. */
  opens_at_ms: number | null
  since_ms: number
  serving_version: number | null
  serving_digest: Digest | null
  stats: Json<NonNullable<ItemReport['stats']>> | null
  /** 1 where its document holds it, and it has passed all that it can; SQLite knows no truth. */
  held: 1 | null
  shadow: Json<ShadowStats> | null
}

/** How often a person asked that a device try a deployment again; 0 where there is no row. */
export type DeviceRetryTable = {
  device_id: DeviceId
  deployment_id: DeploymentId
  organisation_id: OrganisationId
  retry_token: number
}

/** Every document that was issued to a device, from the one it last reported on: what it reports is looked for here. */
export type DesiredDocumentTable = {
  device_id: DeviceId
  generation: number
  organisation_id: OrganisationId
  digest: Digest
  items: Json<DesiredItem[]>
  created_at_ms: number
}

export type UploadTable = {
  id: UploadId
  organisation_id: OrganisationId
  digest: Digest
  size_bytes: number
  created_at_ms: number
  expires_at_ms: number
}

/** Which organisation holds which blob: one folder keeps the bytes of all, and nobody can ask for what another has. */
export type BlobTable = {
  organisation_id: OrganisationId
  digest: Digest
  size_bytes: number
  created_at_ms: number
  damaged_at_ms: number | null
}

export type ModelTable = {
  organisation_id: OrganisationId
  name: string
  /** Of all of its versions. */
  kind: VersionKind
  /** The highest number ever given to a version; numbers are never used twice, so that a removed one cannot come back as another. */
  version_counter: number
  created_at_ms: number
  /** A removed model keeps its counter only. */
  removed_at_ms: number | null
}

export type VersionTable = {
  id: VersionId
  organisation_id: OrganisationId
  model: string
  kind: VersionKind
  version: number
  digest: Digest
  /** SHA-256 of what was pushed (files and golden inputs): the same again is the same version. */
  push_digest: Digest
  size_bytes: number
  golden_cases: number
  labels: Json<Labels>
  /** What the version's file says of itself: of a flow, all of it. */
  summary: Json<DetailValueOf<VersionKind>>
  bundle: Json<SigstoreBundle>
  created_at_ms: number
  created_by: string
}

export type VersionFileTable = {
  version_id: VersionId
  organisation_id: OrganisationId
  path: string
  digest: Digest
  size_bytes: number
}

export type AliasTable = { organisation_id: OrganisationId; model: string; alias: string; version: number }

export type FoundationTables = {
  organisations: OrganisationTable
  keys: KeyTable
  audit_records: AuditTable
  sites: SiteTable
  join_tokens: JoinTokenTable
  devices: DeviceTable
  device_reports: DeviceReportTable
  device_items: DeviceItemTable
  device_retries: DeviceRetryTable
  desired_documents: DesiredDocumentTable
  uploads: UploadTable
  blobs: BlobTable
  models: ModelTable
  versions: VersionTable
  version_files: VersionFileTable
  aliases: AliasTable
}
