/** Group uses: the things whose selectors name a group. The cost depends on these things, and not on the fleet. */
import type { GroupUse } from '@skerry/contract/groups/group'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { groupNames } from '@skerry/core/groups/group-text'
import { findRules } from '../approvals/approval-store.ts'
import { deploymentsInForce } from '../deployments/deployment-store.ts'
import { listRoles } from '../roles/role-store.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'

/** In the order of the names. The waves of a rollout keep the devices that they got when it began. */
export async function groupUses(db: Db, organisationId: OrganisationId, group: string): Promise<GroupUse[]> {
  const names = (text: string | null | undefined) => typeof text === 'string' && groupNames(text).includes(group)
  const deployments = await deploymentsInForce(db, organisationId)
  const roles = await listRoles(db, organisationId)
  const rules = await findRules(db, organisationId)
  const campaigns = await db
    .selectFrom('campaigns')
    .select(['name', 'spec'])
    .where('organisation_id', '=', organisationId)
    .execute()
  const uses: GroupUse[] = [
    ...deployments
      .filter(({ spec }) => names(spec.selector) || spec.strategy.waves.some(({ selector }) => names(selector)))
      .map(({ name }) => ({ kind: 'deployment' as const, name })),
    ...campaigns
      .filter(({ spec }) => names(fromJson(spec).participants.selector))
      .map(({ name }) => ({ kind: 'campaign' as const, name })),
    ...roles.filter(({ scope }) => names(scope)).map(({ name }) => ({ kind: 'role' as const, name })),
    ...(names(rules.deployments) ? [{ kind: 'approval-rule' as const, name: 'deployments' }] : []),
  ]
  return uses.sort((a, b) => (a.name < b.name ? -1 : 1))
}
