/** The tables of the marketplace: subscribed catalogues, and installations. */
import type { AppConfig } from '@skerry/contract/apps/config-schema'
import type { Catalogue, CatalogueEntry, CatalogueIndex } from '@skerry/contract/market/catalogue'
import type { Certificate } from '@skerry/contract/market/certificate'
import type { EntitlementStatement } from '@skerry/contract/market/entitlement'
import type { InstallationState, InstalledObject, RolloutPreset } from '@skerry/contract/market/installation'
import type { Channel, Listing, ListingVersion } from '@skerry/contract/market/listing'
import type { SubmissionEnvelope, SubmissionState } from '@skerry/contract/market/submission'
import type { SigningKeyId } from '@skerry/contract/models/trust'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId, OrganisationId, SubmissionId } from '@skerry/contract/values/ids'
import type { Json } from '../../json-column.ts'

export type MarketCatalogueTable = {
  organisation_id: OrganisationId
  name: string
  keys: Json<SigningKeyId[]>
  signatures: number
  url: string | null
  /** 1 if the hub signs it, and publishes accepted submissions into it. */
  own: number
  added_at_ms: number
  added_by: string
  index_version: number | null
  index_digest: Digest | null
  /** The last good index. It is large, so queries that do not need it leave it out. */
  index_text: Json<CatalogueIndex> | null
  listings: number
  expires_at_ms: number | null
  checked_at_ms: number | null
  problem: Json<NonNullable<Catalogue['problem']>> | null
}

export type MarketInstallationTable = {
  organisation_id: OrganisationId
  name: string
  state: InstallationState
  catalogue: string
  listing: string
  title: string
  version: ListingVersion
  digest: Digest
  channel: Channel
  settings: Json<AppConfig>
  selector: string
  /** Null for all devices at once. */
  preset: RolloutPreset | null
  scope: string
  accepted: Json<string[]>
  objects: Json<InstalledObject[]>
  changed_at_ms: number
  changed_by: string
}

export type MarketSubmissionTable = {
  organisation_id: OrganisationId
  id: SubmissionId
  catalogue: string
  listing: string
  version: ListingVersion
  state: SubmissionState
  envelope: Json<SubmissionEnvelope>
  key_id: SigningKeyId
  document: Json<Listing>
  entry: Json<CatalogueEntry>
  certificate: Json<Certificate>
  submitted_at_ms: number
  submitted_by: string
  /** The person behind the caller, who cannot accept the submission. */
  person_id: string
  decided_at_ms: number | null
  decided_by: string | null
  reason: string | null
}

/** The blobs of pending submissions. */
export type MarketSubmissionFileTable = {
  organisation_id: OrganisationId
  digest: Digest
  submission: SubmissionId
  size_bytes: number
}

export type MarketSubmissionCommentTable = {
  organisation_id: OrganisationId
  submission: SubmissionId
  number: number
  at_ms: number
  author: string
  text: string
}

export type MarketEntitlementTable = {
  organisation_id: OrganisationId
  digest: Digest
  listing: string
  statement: Json<EntitlementStatement>
  key_id: SigningKeyId
  added_at_ms: number
  added_by: string
}

/** It outlives its device, because a device has one period, once. */
export type MarketEmergencyTable = {
  organisation_id: OrganisationId
  listing: string
  device_id: DeviceId
  device: string
  began_at_ms: number
  until_ms: number
  began_by: string
  reason: string
}

export type MarketOpinionTable = {
  organisation_id: OrganisationId
  catalogue: string
  listing: string
  person_id: string
  author: string
  stars: number | null
  note: string | null
  /** 1 if only its author reads the note. */
  private: number
  changed_at_ms: number
}

export type MarketTables = {
  market_opinions: MarketOpinionTable
  market_entitlements: MarketEntitlementTable
  market_emergencies: MarketEmergencyTable
  market_submissions: MarketSubmissionTable
  market_submission_files: MarketSubmissionFileTable
  market_submission_comments: MarketSubmissionCommentTable
  market_catalogues: MarketCatalogueTable
  market_installations: MarketInstallationTable
}
