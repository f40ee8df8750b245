/** Deployment reference: what other parts of the hub ask about deployments. */
import type { DeploymentId, OrganisationId } from '@skerry/contract/values/ids'
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
