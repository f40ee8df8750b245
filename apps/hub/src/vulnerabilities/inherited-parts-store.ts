/**
 * Inherited parts: a version without parts of its own has those of the versions that its lineage names. So a stage of a
 * model counts as vulnerable when the whole does, although nobody gave it a bill of materials.
 */
import type { OrganisationId, VersionId } from '@skerry/contract/values/ids'
import type { Db } from '../store/store.ts'

export type Inheritance = {
  /** The versions without parts of their own that have those of this one. */
  heirsOf(version: VersionId): VersionId[]
  /** The versions from which this one has parts: itself, unless it inherits. */
  sourcesOf(version: VersionId): VersionId[]
}

/** Reads the lineages of all versions without parts. A version is always younger than its parents. */
export async function readInheritance(db: Db, organisationId: OrganisationId): Promise<Inheritance> {
  const pairs = await db
    .selectFrom('version_parents as child')
    .innerJoin('versions as parent', (join) =>
      join
        .onRef('parent.organisation_id', '=', 'child.organisation_id')
        .onRef('parent.name', '=', 'child.parent_name')
        .onRef('parent.version', '=', 'child.parent_version'),
    )
    .select(['child.version_id as childId', 'parent.id as parentId'])
    .where('child.organisation_id', '=', organisationId)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('version_parts').select('purl').whereRef('version_parts.version_id', '=', 'child.version_id'),
        ),
      ),
    )
    .execute()
  const children = Map.groupBy(pairs, ({ parentId }) => parentId)
  const parents = Map.groupBy(pairs, ({ childId }) => childId)
  return {
    heirsOf: (version) => reach(version, (id) => children.get(id)?.map(({ childId }) => childId) ?? []),
    sourcesOf: (version) => [
      version,
      ...reach(version, (id) => parents.get(id)?.map(({ parentId }) => parentId) ?? []),
    ],
  }
}

/** All versions that the steps lead to, without the first one. */
function reach(first: VersionId, step: (id: VersionId) => VersionId[]): VersionId[] {
  const found = new Set<VersionId>()
  const open = [first]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const next of step(id)) {
      if (found.has(next)) continue
      found.add(next)
      open.push(next)
    }
  }
  return [...found]
}
