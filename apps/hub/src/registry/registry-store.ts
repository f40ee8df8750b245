/** Registry store: manifests, their parts and tags, as records. Their bytes are blobs of the organisation. */
import type { Repository, RepositoryTag } from '@skerry/contract/registry/registry'
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { ManifestFacts } from '@skerry/core/registry/read-manifest'
import type { ManifestReference } from '@skerry/core/registry/registry-path'
import { toJson } from '../store/json-column.ts'
import { piecesOf } from '../store/many-rows.ts'
import type { Db, Tx } from '../store/store.ts'
import type { RegistryManifestTable, RegistryTagTable } from '../store/tables/registry/registry-tables.ts'

export type InRepository = { organisationId: OrganisationId; repository: Repository }

const manifestsOf = (db: Db, { organisationId, repository }: InRepository) =>
  db
    .selectFrom('registry_manifests')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('repository', '=', repository)

/** The manifest of a digest or a tag. */
export async function findManifest(
  db: Db,
  place: InRepository,
  reference: ManifestReference,
): Promise<RegistryManifestTable | undefined> {
  const digest = reference.kind === 'digest' ? reference.digest : (await findTag(db, place, reference.tag))?.manifest
  if (digest === undefined) return undefined
  return manifestsOf(db, place).where('digest', '=', digest).executeTakeFirst()
}

/** The record of a tag. */
export const findTag = (
  db: Db,
  { organisationId, repository }: InRepository,
  tag: RepositoryTag,
): Promise<RegistryTagTable | undefined> =>
  db
    .selectFrom('registry_tags')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('repository', '=', repository)
    .where('tag', '=', tag)
    .executeTakeFirst()

/** Whether the repository has a manifest. */
export async function hasRepository(db: Db, place: InRepository): Promise<boolean> {
  return (await manifestsOf(db, place).select('digest').limit(1).executeTakeFirst()) !== undefined
}

/** All tags of the repository, in no order: databases sort text differently. */
export const listTags = (
  db: Db,
  { organisationId, repository }: InRepository,
): Promise<Pick<RegistryTagTable, 'tag' | 'manifest'>[]> =>
  db
    .selectFrom('registry_tags')
    .select(['tag', 'manifest'])
    .where('organisation_id', '=', organisationId)
    .where('repository', '=', repository)
    .execute()

/** The manifests that describe this one. */
export const listReferrers = (db: Db, place: InRepository, subject: Digest, limit: number) =>
  manifestsOf(db, place).where('subject', '=', subject).orderBy('digest').limit(limit).execute()

export type ManifestRow = InRepository & {
  digest: Digest
  facts: ManifestFacts
  documentBytes: number
  nowMs: number
}

/** Stores the manifest and its parts. A repetition changes nothing but its time. */
export async function saveManifest(tx: Tx, row: ManifestRow): Promise<void> {
  const { organisationId, repository, digest, facts, documentBytes, nowMs } = row
  await tx
    .insertInto('registry_manifests')
    .values({
      organisation_id: organisationId,
      repository,
      digest,
      media_type: facts.mediaType,
      artifact_type: facts.artifactType ?? null,
      subject: facts.subject ?? null,
      annotations: toJson(facts.annotations ?? {}),
      document_bytes: documentBytes,
      size_bytes: facts.blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, documentBytes),
      pushed_at_ms: nowMs,
    })
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'repository', 'digest']).doUpdateSet({ pushed_at_ms: nowMs }),
    )
    .execute()
  const parts = [...new Set([...facts.blobs.map((blob) => blob.digest), ...facts.manifests])]
  const rows = parts.map((part) => ({ organisation_id: organisationId, repository, manifest: digest, digest: part }))
  for (const piece of piecesOf(rows)) {
    await tx
      .insertInto('registry_parts')
      .values(piece)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

/** Points the tag at the manifest. */
export async function setTag(
  tx: Tx,
  {
    organisationId,
    repository,
    tag,
    manifest,
    nowMs,
  }: InRepository & Pick<RegistryTagTable, 'tag' | 'manifest'> & { nowMs: number },
): Promise<void> {
  await tx
    .insertInto('registry_tags')
    .values({ organisation_id: organisationId, repository, tag, manifest, set_at_ms: nowMs })
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'repository', 'tag']).doUpdateSet({ manifest, set_at_ms: nowMs }),
    )
    .execute()
}

/** Removes the tag; its manifest stays. */
export async function removeTag(
  tx: Tx,
  { organisationId, repository }: InRepository,
  tag: RepositoryTag,
): Promise<void> {
  await tx
    .deleteFrom('registry_tags')
    .where('organisation_id', '=', organisationId)
    .where('repository', '=', repository)
    .where('tag', '=', tag)
    .execute()
}

/** Removes the manifest with its tags. The collection removes the blobs that nothing else names. */
export async function removeManifest(
  tx: Tx,
  { organisationId, repository }: InRepository,
  digest: Digest,
): Promise<void> {
  for (const table of ['registry_tags', 'registry_parts'] as const) {
    await tx
      .deleteFrom(table)
      .where('organisation_id', '=', organisationId)
      .where('repository', '=', repository)
      .where('manifest', '=', digest)
      .execute()
  }
  await tx
    .deleteFrom('registry_manifests')
    .where('organisation_id', '=', organisationId)
    .where('repository', '=', repository)
    .where('digest', '=', digest)
    .execute()
}

export type ImagePage = {
  organisationId: OrganisationId
  repository?: Repository | undefined
  limit: number
  after?: string | undefined
}

/** The key of a manifest in a page of all repositories. */
export const imageKey = ({ repository, digest }: Pick<RegistryManifestTable, 'repository' | 'digest'>): string =>
  `${repository}@${digest}`

/** The manifests of all repositories, or of one, in the order of their names. */
export async function listImages(db: Db, { organisationId, repository, limit, after }: ImagePage) {
  const at = after?.lastIndexOf('@') ?? -1
  const [name, digest] = after === undefined || at === -1 ? ['', ''] : [after.slice(0, at), after.slice(at + 1)]
  const rows = await db
    .selectFrom('registry_manifests')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(repository !== undefined, (query) => query.where('repository', '=', repository as Repository))
    .$if(after !== undefined, (query) =>
      query.where(({ or, and, eb }) =>
        or([
          eb('repository', '>', name as Repository),
          and([eb('repository', '=', name as Repository), eb('digest', '>', digest as Digest)]),
        ]),
      ),
    )
    .orderBy('repository')
    .orderBy('digest')
    .limit(limit)
    .execute()
  return Promise.all(rows.map(async (row) => ({ row, tags: await tagsOf(db, row) })))
}

async function tagsOf(
  db: Db,
  { organisation_id, repository, digest }: RegistryManifestTable,
): Promise<RepositoryTag[]> {
  const rows = await db
    .selectFrom('registry_tags')
    .select('tag')
    .where('organisation_id', '=', organisation_id)
    .where('repository', '=', repository)
    .where('manifest', '=', digest)
    .execute()
  return rows.map(({ tag }) => tag).sort()
}
