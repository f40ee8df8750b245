/** Model deployments: the names that the commands of alerts about a model need. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Db } from '../store/store.ts'

/** By the model, the first deployment by name. A model with several has a page that lists them. */
export async function modelDeployments(
  db: Db,
  organisationId: OrganisationId,
  models: readonly string[],
): Promise<Map<string, string>> {
  if (models.length === 0) return new Map()
  const rows = await db
    .selectFrom('deployments')
    .innerJoin('deployment_revisions', (join) =>
      join
        .onRef('deployment_revisions.deployment_id', '=', 'deployments.id')
        .onRef('deployment_revisions.revision', '=', 'deployments.revision'),
    )
    .select(['deployments.name', 'deployment_revisions.name as model'])
    .where('deployments.organisation_id', '=', organisationId)
    .where('deployment_revisions.name', 'in', models)
    .orderBy('deployments.name', 'desc')
    .execute()
  return new Map(rows.map(({ name, model }) => [model, name]))
}
