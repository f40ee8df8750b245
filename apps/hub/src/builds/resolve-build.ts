/** Resolves the build that a deployment names, and finds its content for the devices. */
import { type BuildReference, Recipe } from '@skerry/contract/builds/build'
import type { ClassBuild } from '@skerry/contract/builds/measurement'
import type { ModelFile } from '@skerry/contract/models/model'
import type { SigstoreBundle } from '@skerry/contract/models/signature'
import type { Digest } from '@skerry/contract/values/digest'
import type { BuildId, OrganisationId } from '@skerry/contract/values/ids'
import { preferenceOf } from '@skerry/core/builds/preference'
import { OPSET_13 } from '@skerry/onnx/passes/opset/raise-opset'
import { sql } from 'kysely'
import { problem } from '../http/problem.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { BuildTable } from '../store/tables/build-tables.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { bestBuilds } from './choice-store.ts'
import { type ClassForm, formsOf } from './class-form-store.ts'

/** The opset of every build, unless its version needs a newer one. */
export const BUILD_OPSET = OPSET_13

export type DeployedBuild = Pick<BuildTable, 'id' | 'digest' | 'size_bytes'>

/** The devices get these instead of the version itself: one build, or the builds of their classes. */
export type DeployedForms = {
  build: DeployedBuild | undefined
  /** Undefined unless the reference is a preference. */
  choices: readonly ClassBuild[] | undefined
  forms: readonly ClassForm[]
}

/** The devices get the version itself. */
export const NO_BUILD: DeployedForms = { build: undefined, choices: undefined, forms: [] }

/**
 * Resolves the reference to builds of now. `pinned` are the choices of an earlier revision, to which a rollback returns.
 * Throws the contract's problem if there is no such build.
 */
export async function resolveForms(
  db: Db,
  version: VersionTable,
  { reference, pinned }: { reference: BuildReference | undefined; pinned: readonly ClassBuild[] | undefined },
): Promise<DeployedForms> {
  const prefer = preferenceOf(reference)
  if (prefer === undefined) return { ...NO_BUILD, build: await resolveBuild(db, version, reference) }
  const choices = pinned ?? (await bestBuilds(db, version, prefer))
  return { build: undefined, choices, forms: (await formsOf(db, [choices]))(choices) }
}

/** Undefined if the devices are to get the version itself. */
async function resolveBuild(
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

type Kept = { id: BuildId; organisationId: OrganisationId }

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

/** The deployments with a kept revision that names the build, or gives it to a class of hardware, by name. */
export async function deploymentsOf(db: Db, { id, organisationId }: Kept): Promise<string[]> {
  const rows = await db
    .selectFrom('deployment_revisions as revision')
    .innerJoin('deployments', 'deployments.id', 'revision.deployment_id')
    .select('deployments.name')
    .distinct()
    .where('revision.organisation_id', '=', organisationId)
    .where(({ or, eb }) =>
      or([eb('revision.build_id', '=', id), sql<boolean>`revision.build_choices like ${`%"${id}"%`}`]),
    )
    .orderBy('deployments.name')
    .execute()
  return rows.map(({ name }) => name)
}
