/** Rollout scope: whether a rollout brings a revision that lies within a scope. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { isWithin, type Scope } from '@skerry/core/people/scope'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'

type Wish = { db: Db; organisationId: OrganisationId; scope: Scope | undefined }

/** Without a scope every rollout does. */
export async function isRolloutIn({ db, organisationId, scope }: Wish, id: string): Promise<boolean> {
  if (!scope) return true
  const row = await db
    .selectFrom('rollouts')
    .innerJoin('deployment_revisions', (join) =>
      join
        .onRef('deployment_revisions.deployment_id', '=', 'rollouts.deployment_id')
        .onRef('deployment_revisions.revision', '=', 'rollouts.revision'),
    )
    .select('deployment_revisions.spec')
    .where('rollouts.organisation_id', '=', organisationId)
    .where('rollouts.id', '=', id as never)
    .executeTakeFirst()
  return row !== undefined && isWithin(fromJson(row.spec).selector, scope.text)
}
