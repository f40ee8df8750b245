/** Registry manifests: pushes, reads and removals of manifests and tags. */
import { OCI_DOCUMENT_BYTES_MAX } from '@skerry/contract/apps/oci'
import type { Referrer, Repository, RepositoryTag } from '@skerry/contract/registry/registry'
import type { Digest } from '@skerry/contract/values/digest'
import { type ManifestFacts, readManifest } from '@skerry/core/registry/read-manifest'
import type { ManifestReference } from '@skerry/core/registry/registry-path'
import { digestOf } from '@skerry/platform/files/hash'
import { reportDamage } from '../blobs/blob-collection.ts'
import { findBlob, holdBlob, refuseRemoved } from '../blobs/blob-store.ts'
import { problem } from '../http/problem.ts'
import { requireStorageRoom } from '../organisations/quota.ts'
import { fromJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { RegistryManifestTable } from '../store/tables/registry/registry-tables.ts'
import { RegistryError } from './registry-errors.ts'
import type { RegistryCall } from './registry-guard.ts'
import {
  findManifest,
  findTag,
  hasRepository,
  type InRepository,
  listReferrers,
  listTags,
  removeManifest,
  removeTag,
  saveManifest,
  setTag,
} from './registry-store.ts'

/** More tags than a person reads. A list is sorted in memory. */
const TAGS_MAX = 10_000

/** Signatures, documents and attestations of one image. */
const REFERRERS_MAX = 1_000

const placeOf = ({ organisationId }: RegistryCall, repository: Repository): InRepository => ({
  organisationId,
  repository,
})

/** The manifest's record; throws if there is none. */
export async function requireManifest(
  call: RegistryCall,
  repository: Repository,
  reference: ManifestReference,
): Promise<RegistryManifestTable> {
  const row = await findManifest(call.hub.store.db, placeOf(call, repository), reference)
  if (row) return row
  throw new RegistryError('MANIFEST_UNKNOWN', 'the repository has no such manifest; "skerry image ls" lists them')
}

/** The bytes of the manifest, verified. */
export async function readDocument({ hub }: RegistryCall, { digest }: RegistryManifestTable): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of hub.blobs.read(digest, {}, hub.signal)) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  if (digestOf(bytes) === digest) return bytes
  await reportDamage(hub, digest)
  throw problem('blob_damaged')
}

export type PushedManifest = {
  repository: Repository
  reference: ManifestReference
  bytes: Buffer
  contentType: string | undefined
}

/** Stores the manifest byte for byte, and sets the tag. */
export async function pushManifest(
  call: RegistryCall,
  { repository, reference, bytes, contentType }: PushedManifest,
): Promise<{ digest: Digest; subject: Digest | undefined }> {
  const { hub, organisationId } = call
  if (bytes.length > OCI_DOCUMENT_BYTES_MAX) throw problem('body_too_large', 'a manifest has at most 4 MiB')
  const digest = digestOf(bytes)
  if (reference.kind === 'digest' && reference.digest !== digest) {
    throw new RegistryError('DIGEST_INVALID', `the manifest is ${digest}, not ${reference.digest}`)
  }
  const read = readManifest(bytes.toString('utf8'), contentType)
  if (!read.ok) throw new RegistryError('MANIFEST_INVALID', read.message)
  const { facts } = read
  const place = placeOf(call, repository)
  using _pin = hub.blobGuard.pin([digest, ...facts.blobs.map((blob) => blob.digest)])
  await hub.blobGuard.exclusive(digest, async () => {
    await refuseRemoved(hub.store.db, digest)
    await hub.blobs.put(digest, bytes, hub.signal)
    await call.change(async (tx, note) => {
      const nowMs = hub.clock.nowMs()
      await requireParts(tx, place, facts)
      if (!(await findBlob(tx, organisationId, digest))) await requireStorageRoom(tx, organisationId, bytes.length)
      await holdBlob(tx, { organisationId, digest, sizeBytes: bytes.length, nowMs })
      await saveManifest(tx, { ...place, digest, facts, documentBytes: bytes.length, nowMs })
      const replaced =
        reference.kind === 'tag' ? await moveTag(tx, place, { tag: reference.tag, digest, nowMs }) : undefined
      note.object = { kind: 'image', id: repository }
      note.detail = { digest, ...(reference.kind === 'tag' && { tag: reference.tag }), ...(replaced && { replaced }) }
    })
  })
  return { digest, subject: facts.subject }
}

/** The digest that the tag named before, if it was another one. */
async function moveTag(
  tx: Tx,
  place: InRepository,
  { tag, digest, nowMs }: { tag: RepositoryTag; digest: Digest; nowMs: number },
): Promise<Digest | undefined> {
  const before = await findTag(tx, place, tag)
  if (!before && (await listTags(tx, place)).length >= TAGS_MAX) {
    throw new RegistryError('DENIED', `a repository has at most ${TAGS_MAX} tags; remove some`)
  }
  await setTag(tx, { ...place, tag, manifest: digest, nowMs })
  return before?.manifest === digest ? undefined : before?.manifest
}

/** [Distribution 1.1, pushing manifests] All blobs and manifests that it names must be there before. */
async function requireParts(tx: Tx, place: InRepository, { blobs, manifests }: ManifestFacts): Promise<void> {
  for (const { digest, sizeBytes } of blobs) {
    const blob = await findBlob(tx, place.organisationId, digest)
    if (!blob || blob.damaged_at_ms !== null) {
      throw new RegistryError('MANIFEST_BLOB_UNKNOWN', `the hub has no blob ${digest}; push it before the manifest`)
    }
    if (blob.size_bytes !== sizeBytes) {
      throw new RegistryError('MANIFEST_INVALID', `the blob ${digest} has ${blob.size_bytes} bytes, not ${sizeBytes}`)
    }
  }
  for (const digest of manifests) {
    if (await findManifest(tx, place, { kind: 'digest', digest })) continue
    throw new RegistryError(
      'MANIFEST_BLOB_UNKNOWN',
      `the repository has no manifest ${digest}; push it before the index`,
    )
  }
}

/** Removes a tag, or a manifest with all its tags. */
export async function removeReference(call: RegistryCall, repository: Repository, reference: ManifestReference) {
  const place = placeOf(call, repository)
  await call.change(async (tx, note) => {
    const row = await findManifest(tx, place, reference)
    if (!row) throw new RegistryError('MANIFEST_UNKNOWN', 'the repository has no such manifest')
    note.object = { kind: 'image', id: repository }
    note.detail = { digest: row.digest, ...(reference.kind === 'tag' && { tag: reference.tag }) }
    if (reference.kind === 'tag') await removeTag(tx, place, reference.tag)
    else await removeManifest(tx, place, row.digest)
  })
}

export type TagPage = { last: string | undefined; limit: number | undefined }

/** The tags of the repository in the order of their bytes, and whether more follow. */
export async function tagsPage(call: RegistryCall, repository: Repository, { last, limit }: TagPage) {
  const place = placeOf(call, repository)
  const rows = await listTags(call.hub.store.db, place)
  if (rows.length === 0 && !(await hasRepository(call.hub.store.db, place))) {
    throw new RegistryError('NAME_UNKNOWN', 'there is no such repository; a push makes it')
  }
  return pageOfTags(rows.map(({ tag }) => tag as string).sort(), { last, limit })
}

/** A page of sorted tags. */
export function pageOfTags(all: readonly string[], { last, limit }: TagPage): { tags: string[]; isMore: boolean } {
  const rest = last === undefined ? [...all] : all.filter((tag) => tag > last)
  const tags = rest.slice(0, limit)
  return { tags, isMore: tags.length < rest.length }
}

/** [Distribution 1.1, listing referrers] An unknown digest has none; it is no error. */
export async function referrersOf(
  call: RegistryCall,
  repository: Repository,
  { digest, artifactType }: { digest: Digest; artifactType: string | undefined },
): Promise<Referrer[]> {
  const rows = await listReferrers(call.hub.store.db, placeOf(call, repository), digest, REFERRERS_MAX)
  return rows.map(referrerOf).filter((each) => artifactType === undefined || each.artifactType === artifactType)
}

function referrerOf({
  media_type,
  digest,
  document_bytes,
  artifact_type,
  annotations,
}: RegistryManifestTable): Referrer {
  const said = fromJson(annotations)
  return {
    mediaType: media_type,
    digest,
    size: document_bytes,
    ...(artifact_type !== null && { artifactType: artifact_type }),
    ...(Object.keys(said).length > 0 && { annotations: said }),
  }
}
