/** Object ids: the ids under which audit records store an object that people name. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Db } from '../store/store.ts'

/** Names have no underscore, and ids have one. */
const ID = /^[a-z]+_/

/** The newest rollouts of a deployment. Each one is a query, and older records are found by the name of the deployment. */
const ROLLOUTS_MAX = 50

/**
 * Records about a device or a rollout have its id, and lists show its name. So a name also stands for the device of the
 * name, and for the rollouts of the deployment of the name.
 */
export async function objectIdsOf(db: Db, organisationId: OrganisationId, object: string): Promise<string[]> {
  if (ID.test(object)) return [object]
  const devices = await db
    .selectFrom('devices')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('name', '=', object)
    .execute()
  const rollouts = await db
    .selectFrom('rollouts')
    .innerJoin('deployments', 'deployments.id', 'rollouts.deployment_id')
    .select('rollouts.id')
    .where('deployments.organisation_id', '=', organisationId)
    .where('deployments.name', '=', object)
    .orderBy('rollouts.revision', 'desc')
    .limit(ROLLOUTS_MAX)
    .execute()
  return [object, ...[...devices, ...rollouts].map(({ id }) => id)]
}
