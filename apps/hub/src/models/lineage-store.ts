/** Lineage store: what versions were made from, and what was made from them. */

import type { Ancestor, Descendant, Lineage, LineageView } from '@skerry/contract/deployments/lineage'
import type { LineageSpec } from '@skerry/contract/models/model'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { problem } from '../http/problem.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { resolveVersion } from './version-store.ts'

/** The lineage with its parents as the versions that they mean now. Throws where one means none. */
export async function resolveLineage(
  db: Db,
  organisationId: OrganisationId,
  { parents, ...said }: LineageSpec,
): Promise<Lineage> {
  const found = new Map<string, Ancestor>()
  for (const { model, version } of parents) {
    const resolved = await resolveVersion(db, { organisationId, model }, version)
    if (!resolved.ok) {
      throw problem(
        'parent_unknown',
        `the parent ${model}:${version} is not on this hub; push it first, or leave it out`,
      )
    }
    const { digest, version: number } = resolved.version
    found.set(`${model}:${number}`, { model, version: number, digest })
  }
  return { parents: [...found.values()], ...said }
}

/** Keeps the lineage of a new version. */
export async function insertLineage(tx: Tx, row: VersionTable, lineage: Lineage): Promise<void> {
  const owner = { version_id: row.id, organisation_id: row.organisation_id }
  await tx
    .insertInto('version_lineages')
    .values({ ...owner, lineage: toJson(lineage) })
    .execute()
  for (const { model, version } of lineage.parents) {
    await tx
      .insertInto('version_parents')
      .values({ ...owner, model: row.model, version: row.version, parent_model: model, parent_version: version })
      .execute()
  }
}

/** The lineage of a version, each parent with whether it is still here; undefined where none was given. */
export async function lineageOf(db: Db, { id, organisation_id }: VersionTable): Promise<LineageView | undefined> {
  const row = await db.selectFrom('version_lineages').select('lineage').where('version_id', '=', id).executeTakeFirst()
  if (!row) return undefined
  const { parents, ...said } = fromJson(row.lineage)
  const shown = parents.map(async (parent) => ({ ...parent, isRemoved: !(await exists(db, organisation_id, parent)) }))
  return { ...said, parents: await Promise.all(shown) }
}

async function exists(db: Db, organisationId: OrganisationId, { model, version }: Ancestor): Promise<boolean> {
  const row = await db
    .selectFrom('versions')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .where('version', '=', version)
    .executeTakeFirst()
  return row !== undefined
}

const children = (db: Db, { organisation_id, model, version }: VersionTable) =>
  db
    .selectFrom('version_parents')
    .where('version_parents.organisation_id', '=', organisation_id)
    .where('parent_model', '=', model)
    .where('parent_version', '=', version)

/** How many versions name this one as their parent. */
export async function countDescendants(db: Db, row: VersionTable): Promise<number> {
  const { count } = await children(db, row)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Names a version in the order of `listDescendants`. */
export type ChildKey = Pick<Descendant, 'model' | 'version'>

/** One page of the versions that name this one as their parent, by model and number. */
export async function listDescendants(
  db: Db,
  row: VersionTable,
  { limit, after }: { limit: number; after: ChildKey | undefined },
): Promise<Descendant[]> {
  const rows = await children(db, row)
    .innerJoin('versions', 'versions.id', 'version_parents.version_id')
    .select(['versions.model', 'versions.version', 'versions.digest', 'versions.created_at_ms', 'versions.created_by'])
    .$if(after !== undefined, (select) =>
      select.where(({ eb, or, and }) =>
        or([
          eb('version_parents.model', '>', after?.model ?? ''),
          and([
            eb('version_parents.model', '=', after?.model ?? ''),
            eb('version_parents.version', '>', after?.version ?? 0),
          ]),
        ]),
      ),
    )
    .orderBy('version_parents.model')
    .orderBy('version_parents.version')
    .limit(limit)
    .execute()
  return rows.map(({ model, version, digest, created_at_ms, created_by }) => ({
    model,
    version,
    digest,
    createdAtMs: created_at_ms,
    createdBy: created_by,
  }))
}
