/** Outdated: deployments whose revision fixes other builds than the newest measurements would choose. */
import { BEST_BUILD, type BuildPreference } from '@skerry/contract/builds/build'
import type { ClassBuild } from '@skerry/contract/builds/measurement'
import { isSameChoice } from '@skerry/core/builds/choice'
import { preferenceOf } from '@skerry/core/builds/preference'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { bestBuilds } from './choice-store.ts'

/** The contract cuts its list there. */
const NAMES_MAX = 500

/** The deployments, by name, that would give devices another build of the version if they were applied again. */
export async function outdatedDeployments(
  db: Db,
  { id, organisation_id, name, version }: Pick<VersionTable, 'id' | 'organisation_id' | 'name' | 'version'>,
): Promise<string[]> {
  const rows = await db
    .selectFrom('deployments')
    .innerJoin('deployment_revisions as revision', (join) =>
      join
        .onRef('revision.deployment_id', '=', 'deployments.id')
        .onRef('revision.revision', '=', 'deployments.revision'),
    )
    .select(['deployments.name', 'revision.build_choices', 'revision.spec'])
    .where('deployments.organisation_id', '=', organisation_id)
    .where('revision.name', '=', name)
    .where('revision.version', '=', version)
    .where('revision.build_choices', 'is not', null)
    .orderBy('deployments.name')
    .execute()
  const read = rows.map((row) => ({ ...row, prefer: preferenceOf(fromJson(row.spec).build) ?? BEST_BUILD }))
  const now = new Map<BuildPreference, readonly ClassBuild[]>()
  for (const prefer of new Set(read.map((row) => row.prefer)))
    now.set(prefer, await bestBuilds(db, { id, organisation_id }, prefer))
  const outdated = read.filter(
    ({ build_choices, prefer }) => build_choices !== null && !isSameChoice(fromJson(build_choices), now.get(prefer)),
  )
  return outdated.slice(0, NAMES_MAX).map((row) => row.name)
}
