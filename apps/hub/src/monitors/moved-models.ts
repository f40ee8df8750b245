/** Moved models: the versions that alert, from the stored verdicts. Muted monitors have none. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { MovedFact } from '@skerry/core/alerts/alert-facts'
import { modelDeployments } from '../alerts/model-deployments.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import { isMuted } from './mute.ts'

export async function movedModels(db: Db, organisationId: OrganisationId, nowMs: number): Promise<MovedFact[]> {
  const rows = await db
    .selectFrom('monitors')
    .select(['model', 'verdicts', 'since_ms', 'spec', 'mute'])
    .where('organisation_id', '=', organisationId)
    .where('state', '=', 'alert')
    .orderBy('model')
    .execute()
  const loud = rows.filter((row) => !isMuted(row, nowMs))
  const deployments = await modelDeployments(
    db,
    organisationId,
    loud.map(({ model }) => model),
  )
  return loud.flatMap(({ model, verdicts, since_ms }) =>
    (verdicts ? fromJson(verdicts) : [])
      .filter(({ state }) => state === 'alert')
      .map(({ version, features, moved, estimated, estimatedError }) => ({
        model,
        version,
        sinceMs: since_ms ?? 0,
        features: features.filter(({ state }) => state === 'alert'),
        ...(moved && { cohorts: moved }),
        deployment: deployments.get(model),
        ...(estimated?.state === 'alert' && { estimated }),
        ...(estimatedError?.state === 'alert' && { estimatedError }),
      })),
  )
}
