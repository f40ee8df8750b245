/**
 * The tables that most of the hub reads, as Kysely sees them. Instants are milliseconds, booleans are 0 and 1, and JSON
 * is text.
 */
import type { Actor, AuditRecord } from '@skerry/contract/audit/audit'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { DeviceStatus, Endpoints, Inventory } from '@skerry/contract/devices/device'
import type { Cause, ItemReport, ItemState, ShadowStats } from '@skerry/contract/devices/item'
import type { DetailValueOf, VersionKind } from '@skerry/contract/kinds/kinds'
import type { SigstoreBundle } from '@skerry/contract/models/signature'
import type { RoleName } from '@skerry/contract/people/role'
import type { DeviceResidency } from '@skerry/contract/scaling/residency'
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
  /** Decisions of operators; null if there are none. */
  disabled_at_ms?: number | null | undefined
  disabled_reason?: string | null | undefined
  removed_at_ms?: number | null | undefined
  /** The time at which the last of its data was deleted. */
  purged_at_ms?: number | null | undefined
  devices_max?: number | null | undefined
  storage_bytes_max?: number | null | undefined
  requests_per_minute_max?: number | null | undefined
}

export type KeyTable = {
  id: KeyId
  /** The person who made it, if a person did: two keys of one person count as one person. */
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
  /**
   * The person that it belongs to: it has the person's permissions, and ends with the person. Null for a key of a
   * program.
   */
  user_id: UserId | null
  /** 1 if the person had proved more than one factor when it was made. */
  is_multi_factor: 0 | 1
}

export type AuditTable = {
  organisation_id: OrganisationId
  sequence: number
  at_ms: number
  actor: Json<Actor>
  /** From `actor`, for the search. */
  actor_id: string
  actor_name: string
  action: string
  /** The part of `action` before the dot. */
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
  /** Addresses from which the token counts; if empty, all. */
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
  /**
   * SHA-256 of the public key (PEM, SPKI), hex. If the same key joins again, it is the same device. A certificate for
   * another key does not belong to it.
   */
  public_key_hash: string
  /** PEM of the last issued certificate; null while pending. */
  certificate_pem: string | null
  certificate_serial: string | null
  certificate_fingerprint: string | null
  certificate_not_after_ms: number | null
  /**
   * The authority of the certificate that the device has shown while it trusted all that count; null for the first
   * authority.
   */
  shown_authority: AuthorityId | null
  join_token_id: JoinTokenId
  /**
   * The newest generation that this hub issued to the device. The next one is higher than this and than the reported
   * one.
   */
  generation: number
  /** The document that the device followed when a person last resumed it. It is no conflict any more. */
  resumed_generation: number | null
  resumed_digest: Digest | null
  created_at_ms: number
  /** The facts that the device read by its settings, for selectors; null before the first. */
  facts: Json<Readonly<Record<string, string>>> | null
}

/** The newest report of a device, one row each; its reported items are in `device_items`. */
export type DeviceReportTable = {
  device_id: DeviceId
  organisation_id: OrganisationId
  last_seen_at_ms: number
  /** From this time on the device counts as silent: three times the report interval that the hub requested. */
  stale_at_ms: number
  reported_at_ms: number
  agent_version: string
  boot_id: string
  /** The boot id of the start before. If it reports again, two agents run at once. */
  previous_boot_id: string | null
  observed_generation: number
  observed_digest: Digest | null
  last_good_generation: number
  conditions: Json<Cause[]>
  endpoints: Json<Endpoints>
  inventory: Json<Inventory>
  /** The models in its memory. */
  residency: Json<DeviceResidency> | null
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
  /** The opening time of the window that it waits for, by the device's clock. */
  opens_at_ms: number | null
  since_ms: number
  serving_version: number | null
  serving_digest: Digest | null
  stats: Json<NonNullable<ItemReport['stats']>> | null
  /** From the stats, so that a query finds slow devices without reading them. Null with too few requests. */
  p95_us: number | null
  /** The kind's own. */
  figures: Json<NonNullable<ItemReport['figures']>> | null
  /** The number of its workers, if a policy scales it. */
  scale: Json<NonNullable<ItemReport['scale']>> | null
  /** 1 if its document holds it, and it has passed all earlier stages. SQLite has no booleans. */
  held: 1 | null
  shadow: Json<ShadowStats> | null
}

/** The number of retries of a deployment on a device that people requested; 0 if there is no row. */
export type DeviceRetryTable = {
  device_id: DeviceId
  deployment_id: DeploymentId
  organisation_id: OrganisationId
  retry_token: number
}

/**
 * Every document that was issued to a device, from the one that it last reported. The hub looks a reported document up
 * here.
 */
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

/**
 * The organisations that hold each blob. One folder has the bytes of all, but an organisation can request only its own
 * blobs.
 */
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
  /** The kind of all its versions. */
  kind: VersionKind
  /**
   * The highest number of any version so far. Numbers are never used twice, so that a removed version cannot come back
   * as another one.
   */
  version_counter: number
  created_at_ms: number
  /** A removed model keeps only its counter. */
  removed_at_ms: number | null
}

export type VersionTable = {
  id: VersionId
  organisation_id: OrganisationId
  name: string
  kind: VersionKind
  version: number
  digest: Digest
  /** SHA-256 of the push (files and golden inputs): the same push again is the same version. */
  push_digest: Digest
  size_bytes: number
  golden_cases: number
  labels: Json<Labels>
  /** The summary of the version's file; for a flow, the whole flow. */
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

export type AliasTable = { organisation_id: OrganisationId; name: string; alias: string; version: number }

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
