/** The tables of the registry of container images. */
import type { Repository, RepositoryTag } from '@skerry/contract/registry/registry'
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId, UploadId } from '@skerry/contract/values/ids'
import type { Json } from '../../json-column.ts'

export type RegistryManifestTable = {
  organisation_id: OrganisationId
  repository: Repository
  digest: Digest
  media_type: string
  artifact_type: string | null
  /** The manifest that this one describes. It may be pushed later, or never. */
  subject: Digest | null
  annotations: Json<Record<string, string>>
  /** The length of the manifest itself. */
  document_bytes: number
  /** The blobs that it names, together. */
  size_bytes: number
  pushed_at_ms: number
}

/** A blob or a manifest that a manifest names. It is protected from the collection. */
export type RegistryPartTable = {
  organisation_id: OrganisationId
  repository: Repository
  manifest: Digest
  digest: Digest
}

export type RegistryTagTable = {
  organisation_id: OrganisationId
  repository: Repository
  tag: RepositoryTag
  manifest: Digest
  set_at_ms: number
}

/** An upload whose digest the client states at its end. */
export type RegistryUploadTable = {
  id: UploadId
  organisation_id: OrganisationId
  repository: Repository
  created_at_ms: number
  expires_at_ms: number
  /** The received bytes, and the bytes for which the request in progress has room. */
  reserved_bytes: number
}

export type RegistryTables = {
  registry_manifests: RegistryManifestTable
  registry_parts: RegistryPartTable
  registry_tags: RegistryTagTable
  registry_uploads: RegistryUploadTable
}
