/** Deployment reference: what other parts of the hub ask about deployments. */
import type { DeploymentId, OrganisationId } from '@skerry/contract/ids'
import type { Db } from '../store/store.ts'

/** The id of the deployment that people call so; undefined where the organisation has none. */
export async function findDeploymentId(
  db: Db,
  organisationId: OrganisationId,
  name: string,
): Promise<DeploymentId | undefined> {
  const row = await db
    .selectFrom('deployments')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.id
}

/** Whether a deployment, at a revision that some device may still be asked to run, uses the model, or this version of it. */
export async function isModelDeployed(
  db: Db,
  { organisationId, model, version }: { organisationId: OrganisationId; model: string; version?: number },
): Promise<boolean> {
  const row = await db
    .selectFrom('deployment_revisions')
    .select('deployment_id')
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .$if(version !== undefined, (select) => select.where('version', '=', version ?? 0))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
