/** Outdated: deployments whose revision fixes other builds than the newest measurements would choose. */
import type { ClassBuild } from '@skerry/contract/builds/measurement'
import { isSameChoice } from '@skerry/core/builds/choice'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'

/** The contract cuts its list there. */
const NAMES_MAX = 500

/** The deployments, by name, that would give devices another build of the version if they were applied again. */
export async function outdatedDeployments(
  db: Db,
  { organisation_id, name, version }: Pick<VersionTable, 'organisation_id' | 'name' | 'version'>,
  now: readonly ClassBuild[],
): Promise<string[]> {
  const rows = await db
    .selectFrom('deployments')
    .innerJoin('deployment_revisions as revision', (join) =>
      join
        .onRef('revision.deployment_id', '=', 'deployments.id')
        .onRef('revision.revision', '=', 'deployments.revision'),
    )
    .select(['deployments.name', 'revision.build_choices'])
    .where('deployments.organisation_id', '=', organisation_id)
    .where('revision.name', '=', name)
    .where('revision.version', '=', version)
    .where('revision.build_choices', 'is not', null)
    .orderBy('deployments.name')
    .execute()
  const outdated = rows.filter(
    ({ build_choices }) => build_choices !== null && !isSameChoice(fromJson(build_choices), now),
  )
  return outdated.slice(0, NAMES_MAX).map((row) => row.name)
}
