/** Hub view: who may see numbers of the hub as a whole, in which those of all its organisations are. */

import { OPERATORS } from '@skerry/contract/people/organisation'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { type Caller, judgeAccess } from '@skerry/core/people/access'
import type { Hub } from '../hub.ts'

type Viewed = Pick<Hub, 'store'>

/** Operators may; and an organisation that has the hub to itself may, where the caller's role reads the hub. */
export async function maySeeHub(hub: Viewed, caller: Caller): Promise<boolean> {
  if (caller.organisation === OPERATORS) return judgeAccess(caller, 'tenant.read').ok
  const mayRead = judgeAccess(caller, 'hub.read')
  return mayRead.ok && mayRead.scope === undefined && (await hasHubToItself(hub, caller.organisationId))
}

async function hasHubToItself({ store }: Viewed, organisationId: OrganisationId): Promise<boolean> {
  const other = await store.db
    .selectFrom('organisations')
    .select('id')
    .where('id', '!=', organisationId)
    .where('name', '!=', OPERATORS)
    .limit(1)
    .executeTakeFirst()
  return other === undefined
}
