/** Deployment reference: the id of the deployment that people call so. */
import type { DeploymentId, OrganisationId } from '@skerry/contract/ids'
import type { Db } from '../store/store.ts'

/** Undefined where the organisation has no deployment of the name; none can be made yet. */
export function findDeploymentId(
  _db: Db,
  _organisationId: OrganisationId,
  _name: string,
): Promise<DeploymentId | undefined> {
  return Promise.resolve(undefined)
}
