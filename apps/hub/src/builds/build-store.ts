/** Build store: builds of versions as records, with their files. */
import type { Build } from '@skerry/contract/builds/build'
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import type { ModelFile } from '@skerry/contract/models/model'
import type { BuildId, OrganisationId, VersionId } from '@skerry/contract/values/ids'
import { fromJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { BuildTable } from '../store/tables/build-tables.ts'

const builds = (db: Db, organisationId: OrganisationId) =>
  db
    .selectFrom('builds')
    .innerJoin('versions', 'versions.id', 'builds.version_id')
    .selectAll('builds')
    .leftJoin('version_files as golden', (join) =>
      join.onRef('golden.version_id', '=', 'builds.version_id').on('golden.path', '=', GOLDEN_PATH),
    )
    .select(['versions.name', 'versions.version', 'versions.size_bytes as float_bytes'])
    .select('golden.size_bytes as golden_bytes')
    .where('builds.organisation_id', '=', organisationId)

type Row = BuildTable & { name: string; version: number; float_bytes: number; golden_bytes: number | null }

/** The builds of a version, smallest first. A version has one for each recipe and goal at most. */
export async function buildsOf(db: Db, organisationId: OrganisationId, versionId: VersionId): Promise<Build[]> {
  const rows = await builds(db, organisationId)
    .where('builds.version_id', '=', versionId)
    .orderBy('builds.size_bytes')
    .orderBy('builds.id')
    .execute()
  return Promise.all(rows.map((row) => buildOf(db, row)))
}

/** Undefined if the organisation has no such build. */
export async function findBuild(db: Db, organisationId: OrganisationId, id: BuildId): Promise<Build | undefined> {
  const row = await builds(db, organisationId).where('builds.id', '=', id).executeTakeFirst()
  return row && buildOf(db, row)
}

async function buildOf(db: Db, row: Row): Promise<Build> {
  const files = await db.selectFrom('build_files').selectAll().where('build_id', '=', row.id).orderBy('path').execute()
  return {
    id: row.id,
    name: row.name,
    version: row.version,
    recipe: row.recipe,
    digest: row.digest,
    files: files.map(({ path, digest, size_bytes }) => ({ path, digest, sizeBytes: size_bytes })),
    sizeBytes: row.size_bytes,
    floatBytes: row.float_bytes,
    floatModelBytes: row.float_bytes - (row.golden_bytes ?? 0),
    fidelity: fromJson(row.fidelity),
    changed: row.changed,
    skippedCount: row.skipped_count,
    skipped: fromJson(row.skipped),
    ...(row.lineage && fromJson(row.lineage)),
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
  }
}

/** The id of the version's build of the same recipe and files; undefined if there is none. */
export async function findSameBuild(
  db: Db,
  { version_id, recipe, digest }: Pick<BuildTable, 'version_id' | 'recipe' | 'digest'>,
): Promise<BuildId | undefined> {
  const row = await db
    .selectFrom('builds')
    .select('id')
    .where('version_id', '=', version_id)
    .where('recipe', '=', recipe)
    .where('digest', '=', digest)
    .executeTakeFirst()
  return row?.id
}

/** The same files were compared again, on labels. Its files and its signature stay. */
export async function updateFidelity(
  tx: Tx,
  id: BuildId,
  figures: Pick<BuildTable, 'fidelity' | 'lineage'>,
): Promise<void> {
  await tx.updateTable('builds').set(figures).where('id', '=', id).execute()
}

export async function insertBuild(tx: Tx, row: BuildTable, files: readonly ModelFile[]): Promise<void> {
  await tx.insertInto('builds').values(row).execute()
  const { organisation_id } = row
  await tx
    .insertInto('build_files')
    .values(
      files.map(({ path, digest, sizeBytes }) => ({
        build_id: row.id,
        path,
        organisation_id,
        digest,
        size_bytes: sizeBytes,
      })),
    )
    .execute()
}

/** Removes the build with its files, which the collection then removes from the store of blobs. */
export async function deleteBuild(tx: Tx, organisationId: OrganisationId, id: BuildId): Promise<void> {
  await tx.deleteFrom('builds').where('organisation_id', '=', organisationId).where('id', '=', id).execute()
}
