/**
 * Registry models: the versions of models as artefacts of ModelPack, in repositories that nobody pushes to. Their
 * documents are derived from the version at each request, and their layers are the blobs of the version.
 */
import { OCI_MANIFEST } from '@skerry/contract/apps/oci'
import { VersionReference } from '@skerry/contract/models/model'
import type { Repository } from '@skerry/contract/registry/registry'
import type { Digest } from '@skerry/contract/values/digest'
import type { VersionId } from '@skerry/contract/values/ids'
import {
  ARTEFACT_FORMATS,
  modelConfigText,
  modelManifestText,
  modelOfRepository,
} from '@skerry/core/registry/model-artefact'
import type { ManifestReference } from '@skerry/core/registry/registry-path'
import { digestOf } from '@skerry/platform/files/hash'
import { aliasesOf, filesOf, findModel, newestVersions, resolveVersion } from '../models/version-store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { RegistryError } from './registry-errors.ts'
import type { RegistryCall } from './registry-guard.ts'

/** A digest names one of the newest versions. A client that wants an older one names its number. */
const VERSIONS_MAX = 1_000

export type ModelArtefact = { manifest: Buffer; manifestDigest: Digest; config: Buffer; configDigest: Digest }

type Caller = Pick<RegistryCall, 'hub' | 'organisationId'>

/** The media type of its manifest. */
export const ARTEFACT_TYPE = OCI_MANIFEST

/** The artefact of a tag or digest; undefined if the repository is none of a model, or has no such version. */
export async function findArtefact(
  call: Caller,
  repository: Repository,
  reference: ManifestReference,
): Promise<ModelArtefact | undefined> {
  const name = modelOfRepository(repository)
  if (name === undefined) return undefined
  if (reference.kind === 'digest')
    return findAmong(call, name, ({ manifestDigest }) => manifestDigest === reference.digest)
  const { tag } = reference
  const wanted = VersionReference.safeParse(/^\d+$/.test(tag) || tag === 'latest' ? tag : `@${tag}`)
  if (!wanted.success) return undefined
  const { hub, organisationId } = call
  const found = await resolveVersion(hub.store.db, { organisationId, name }, wanted.data)
  return found.ok ? artefactOf(call, found.version) : undefined
}

/** The configuration of an artefact of the repository, by its digest. */
export async function findArtefactConfig(
  call: Caller,
  repository: Repository,
  digest: Digest,
): Promise<Buffer | undefined> {
  const name = modelOfRepository(repository)
  if (name === undefined) return undefined
  return (await findAmong(call, name, ({ configDigest }) => configDigest === digest))?.config
}

/** The tags of the repository: numbers, aliases and `latest`. Undefined if there is no such model. */
export async function artefactTags(call: Caller, repository: Repository): Promise<string[] | undefined> {
  const name = modelOfRepository(repository)
  if (name === undefined) return undefined
  const { hub, organisationId } = call
  const model = await findModel(hub.store.db, { organisationId, name })
  if (!model || ARTEFACT_FORMATS[model.kind] === undefined) return undefined
  const versions = await newestVersions(hub.store.db, { organisationId, name }, VERSIONS_MAX)
  if (versions.length === 0) return undefined
  const aliases = await aliasesOf(hub.store.db, { organisationId, name })
  return [...new Set([...versions.map(({ version }) => String(version)), ...aliases.keys(), 'latest'])].sort()
}

/** Throws for a change of a repository of a model. */
export function refuseModelRepository(repository: Repository): void {
  if (modelOfRepository(repository) === undefined) return
  throw new RegistryError(
    'DENIED',
    `${repository} shows the versions of a model; push a version with "skerry model push", or choose another repository`,
  )
}

async function findAmong(
  call: Caller,
  name: string,
  isWanted: (artefact: ModelArtefact) => boolean,
): Promise<ModelArtefact | undefined> {
  const { hub, organisationId } = call
  for (const row of await newestVersions(hub.store.db, { organisationId, name }, VERSIONS_MAX)) {
    const artefact = await artefactOf(call, row)
    if (artefact && isWanted(artefact)) return artefact
  }
  return undefined
}

type Row = Pick<VersionTable, 'kind' | 'name' | 'version' | 'created_at_ms'> & { id: VersionId }

/** Undefined for a kind that is no model. */
async function artefactOf({ hub }: Caller, row: Row): Promise<ModelArtefact | undefined> {
  const format = ARTEFACT_FORMATS[row.kind]
  if (format === undefined) return undefined
  const files = await filesOf(hub.store.db, row.id)
  const createdAt = new Date(row.created_at_ms).toISOString()
  const version = { name: row.name, version: row.version, format, createdAt, files }
  const config = Buffer.from(modelConfigText(version))
  const configDigest = digestOf(config)
  const manifest = Buffer.from(modelManifestText(version, { digest: configDigest, size: config.length }))
  return { manifest, manifestDigest: digestOf(manifest), config, configDigest }
}
