/** The tables of the marketplace: subscribed catalogues, and installations. */
import type { AppConfig } from '@skerry/contract/apps/config-schema'
import type { Catalogue, CatalogueIndex } from '@skerry/contract/market/catalogue'
import type { InstallationState, InstalledObject } from '@skerry/contract/market/installation'
import type { Channel, ListingVersion } from '@skerry/contract/market/listing'
import type { SigningKeyId } from '@skerry/contract/models/trust'
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Json } from '../../json-column.ts'

export type MarketCatalogueTable = {
  organisation_id: OrganisationId
  name: string
  keys: Json<SigningKeyId[]>
  signatures: number
  url: string | null
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
  scope: string
  accepted: Json<string[]>
  objects: Json<InstalledObject[]>
  changed_at_ms: number
  changed_by: string
}

export type MarketTables = {
  market_catalogues: MarketCatalogueTable
  market_installations: MarketInstallationTable
}
