/** Version store: models, their versions and aliases as records. */

import type { VersionKind } from '@skerry/contract/kinds/kinds'
import type { ModelFile, VersionReference } from '@skerry/contract/models/model'
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId, VersionId } from '@skerry/contract/values/ids'
import type { Db, Tx } from '../store/store.ts'
import type { ModelTable, VersionTable } from '../store/tables/foundation-tables.ts'

/** A model of an organisation. */
export type ModelKey = { organisationId: OrganisationId; model: string }

export type ResolveResult =
  | { ok: true; version: VersionTable }
  | { ok: false; code: 'model_unknown' | 'version_unknown' | 'alias_unknown'; message: string }

const versions = (db: Db, { organisationId, model }: ModelKey) =>
  db.selectFrom('versions').selectAll().where('organisation_id', '=', organisationId).where('model', '=', model)

/** What a number, `latest` or an @alias means now. */
export async function resolveVersion(db: Db, key: ModelKey, reference: VersionReference): Promise<ResolveResult> {
  if (!(await findModel(db, key))) return refuse('model_unknown', `no model ${key.model}; "skerry model ls" lists them`)
  if (reference === 'latest') {
    const version = await versions(db, key).orderBy('version', 'desc').limit(1).executeTakeFirst()
    return version ? { ok: true, version } : refuse('version_unknown', `the model ${key.model} has no versions`)
  }
  const number = reference.startsWith('@') ? await aliasedVersion(db, key, reference.slice(1)) : Number(reference)
  if (number === undefined)
    return refuse('alias_unknown', `no alias ${reference}; "skerry model show ${key.model}" lists them`)
  const version = await versions(db, key).where('version', '=', number).executeTakeFirst()
  if (version) return { ok: true, version }
  return refuse('version_unknown', `no version ${number} of ${key.model}; "skerry model show ${key.model}" lists them`)
}

const refuse = (code: Extract<ResolveResult, { ok: false }>['code'], message: string): ResolveResult => ({
  ok: false,
  code,
  message,
})

/** The model of the name; undefined where there is none. */
export function findModel(db: Db, { organisationId, model }: ModelKey): Promise<ModelTable | undefined> {
  return db
    .selectFrom('models')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('name', '=', model)
    .where('removed_at_ms', 'is', null)
    .executeTakeFirst()
}

export type ModelQuery = {
  organisationId: OrganisationId
  limit: number
  after: string | undefined
  /** Only those of this kind. */
  kind: VersionKind | undefined
}

/** One page of models, by name. */
export function listModels(db: Db, { organisationId, limit, after, kind }: ModelQuery): Promise<ModelTable[]> {
  return db
    .selectFrom('models')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('removed_at_ms', 'is', null)
    .$if(after !== undefined, (select) => select.where('name', '>', after ?? ''))
    .$if(kind !== undefined, (select) => select.where('kind', '=', kind ?? 'model'))
    .orderBy('name')
    .limit(limit)
    .execute()
}

/** The newest versions of a model. */
export const newestVersions = (db: Db, key: ModelKey, limit: number): Promise<VersionTable[]> =>
  versions(db, key).orderBy('version', 'desc').limit(limit).execute()

/** One page of the versions of a model, newest first. */
export const listVersions = (
  db: Db,
  key: ModelKey,
  { limit, before }: { limit: number; before: number | undefined },
): Promise<VersionTable[]> =>
  versions(db, key)
    .$if(before !== undefined, (select) => select.where('version', '<', before ?? 0))
    .orderBy('version', 'desc')
    .limit(limit)
    .execute()

/** How many versions a model has. */
export async function countVersions(db: Db, { organisationId, model }: ModelKey): Promise<number> {
  const row = await db
    .selectFrom('versions')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .executeTakeFirstOrThrow()
  return row.count
}

/** The version that was made of the same files and golden inputs; undefined where none was. */
export const findPushed = (db: Db, key: ModelKey, pushDigest: Digest): Promise<VersionTable | undefined> =>
  versions(db, key).where('push_digest', '=', pushDigest).executeTakeFirst()

/** The files of a version, by path. */
export async function filesOf(db: Db, id: VersionId): Promise<ModelFile[]> {
  const rows = await db.selectFrom('version_files').selectAll().where('version_id', '=', id).orderBy('path').execute()
  return rows.map(({ path, digest, size_bytes }) => ({ path, digest, sizeBytes: size_bytes }))
}

/** All aliases of a model, with the versions they point to. */
export async function aliasesOf(db: Db, { organisationId, model }: ModelKey): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('aliases')
    .select(['alias', 'version'])
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .orderBy('alias')
    .execute()
  return new Map(rows.map(({ alias, version }) => [alias, version]))
}

async function aliasedVersion(db: Db, key: ModelKey, alias: string): Promise<number | undefined> {
  return (await aliasesOf(db, key)).get(alias)
}

/**
 * The number of the model's next version; makes the model where it is the first. Numbers are never given twice. Undefined where the name belongs to
 * another kind.
 */
export async function takeNumber(
  tx: Tx,
  { organisationId, model, kind }: ModelKey & { kind: VersionKind },
  nowMs: number,
): Promise<number | undefined> {
  const row = await tx
    .insertInto('models')
    .values({
      organisation_id: organisationId,
      name: model,
      kind,
      version_counter: 1,
      created_at_ms: nowMs,
      removed_at_ms: null,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['organisation_id', 'name'])
        .doUpdateSet((set) => ({ version_counter: set('models.version_counter', '+', 1), removed_at_ms: null, kind }))
        .where((where) => where.or([where('models.kind', '=', kind), where('models.removed_at_ms', 'is not', null)])),
    )
    .returning('version_counter')
    .executeTakeFirst()
  return row?.version_counter
}

/** Undoes `takeNumber` in the same transaction, which keeps everybody else from the counter. */
export async function giveNumberBack(tx: Tx, { organisationId, model }: ModelKey): Promise<void> {
  await tx
    .updateTable('models')
    .set((set) => ({ version_counter: set('version_counter', '-', 1) }))
    .where('organisation_id', '=', organisationId)
    .where('name', '=', model)
    .execute()
}

/** Adds a version with its files. */
export async function insertVersion(tx: Tx, row: VersionTable, files: readonly ModelFile[]): Promise<void> {
  await tx.insertInto('versions').values(row).execute()
  for (const { path, digest, sizeBytes } of files) {
    await tx
      .insertInto('version_files')
      .values({ version_id: row.id, organisation_id: row.organisation_id, path, digest, size_bytes: sizeBytes })
      .execute()
  }
}

/** Points the alias to the version. */
export async function setAlias(
  tx: Tx,
  { organisationId, model }: ModelKey,
  alias: string,
  version: number,
): Promise<void> {
  await tx
    .insertInto('aliases')
    .values({ organisation_id: organisationId, model, alias, version })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'model', 'alias']).doUpdateSet({ version }))
    .execute()
}

/** Removes the alias; false where there was none. */
export async function deleteAlias(tx: Tx, { organisationId, model }: ModelKey, alias: string): Promise<boolean> {
  const result = await tx
    .deleteFrom('aliases')
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .where('alias', '=', alias)
    .executeTakeFirst()
  return Number(result.numDeletedRows) > 0
}

/** Removes a version; its blobs are collected later. */
export async function deleteVersion(tx: Tx, id: VersionId): Promise<void> {
  await tx.deleteFrom('versions').where('id', '=', id).execute()
}

/** Removes a model's versions and aliases, and hides it; its counter stays, so that no number ever means two things. */
export async function deleteModel(tx: Tx, { organisationId, model }: ModelKey, nowMs: number): Promise<void> {
  for (const table of ['aliases', 'versions'] as const) {
    await tx.deleteFrom(table).where('organisation_id', '=', organisationId).where('model', '=', model).execute()
  }
  await tx
    .updateTable('models')
    .set({ removed_at_ms: nowMs })
    .where('organisation_id', '=', organisationId)
    .where('name', '=', model)
    .execute()
}
