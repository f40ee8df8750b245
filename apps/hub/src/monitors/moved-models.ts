/** Moved models: the versions that alert, from the stored verdicts. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { MovedFact } from '@skerry/core/alerts/alert-facts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'

export async function movedModels(db: Db, organisationId: OrganisationId): Promise<MovedFact[]> {
  const rows = await db
    .selectFrom('monitors')
    .select(['model', 'verdicts', 'since_ms'])
    .where('organisation_id', '=', organisationId)
    .where('state', '=', 'alert')
    .orderBy('model')
    .execute()
  return rows.flatMap(({ model, verdicts, since_ms }) =>
    (verdicts ? fromJson(verdicts) : [])
      .filter(({ state }) => state === 'alert')
      .map(({ version, features }) => ({
        model,
        version,
        sinceMs: since_ms ?? 0,
        features: features.filter(({ state }) => state === 'alert'),
      })),
  )
}
