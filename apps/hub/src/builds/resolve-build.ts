/** Resolves the build that a deployment names, and finds its content for the devices. */
import { type BuildReference, Recipe } from '@skerry/contract/builds/build'
import type { ModelFile } from '@skerry/contract/models/model'
import type { SigstoreBundle } from '@skerry/contract/models/signature'
import type { Digest } from '@skerry/contract/values/digest'
import type { BuildId } from '@skerry/contract/values/ids'
import { OPSET_13 } from '@skerry/onnx/passes/opset/raise-opset'
import { problem } from '../http/problem.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { BuildTable } from '../store/tables/build-tables.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'

/** The opset of every build, unless its version needs a newer one. */
export const BUILD_OPSET = OPSET_13

export type DeployedBuild = Pick<BuildTable, 'id' | 'digest' | 'size_bytes'>

/** Undefined if the devices are to get the version itself. Throws the contract's problem if there is no such build. */
export async function resolveBuild(
  db: Db,
  version: VersionTable,
  reference: BuildReference | undefined,
): Promise<DeployedBuild | undefined> {
  if (reference === undefined) return undefined
  const recipe = Recipe.safeParse(reference).data
  const build = await db
    .selectFrom('builds')
    .select(['id', 'digest', 'size_bytes'])
    .where('organisation_id', '=', version.organisation_id)
    .where('version_id', '=', version.id)
    .$if(recipe !== undefined, (select) => select.where('recipe', '=', recipe ?? 'float16'))
    .$if(recipe === undefined, (select) => select.where('id', '=', reference as BuildId))
    .orderBy('created_at_ms', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (build) return build
  const name = `${version.name}:${version.version}`
  throw problem('build_unknown', `${name} has no build ${reference}; "skerry build ls ${name}" lists them`)
}

export type BuildContent = { digest: Digest; files: ModelFile[]; bundle: SigstoreBundle }

/** The content of a build in a document; undefined if it is gone, which no deployed build can be. */
export async function buildContent(db: Db, id: BuildId): Promise<BuildContent | undefined> {
  const build = await db.selectFrom('builds').select(['digest', 'bundle']).where('id', '=', id).executeTakeFirst()
  if (!build) return undefined
  const files = await db.selectFrom('build_files').selectAll().where('build_id', '=', id).orderBy('path').execute()
  return {
    digest: build.digest,
    files: files.map(({ path, digest, size_bytes }) => ({ path, digest, sizeBytes: size_bytes })),
    bundle: fromJson(build.bundle),
  }
}

/** Whether a revision that is kept names the build. */
export async function isDeployed(db: Db, id: BuildId): Promise<boolean> {
  const row = await db
    .selectFrom('deployment_revisions')
    .select('deployment_id')
    .where('build_id', '=', id)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
