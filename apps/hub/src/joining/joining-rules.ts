/** Joining rules: whether an organisation has a person let in each device, whatever the tokens say. */

import type { JoiningRules } from '@skerry/contract/joining/join'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Db, Tx } from '../store/store.ts'

/** The rules; tokens decide where nobody has said anything. */
export async function readJoiningRules(db: Db, organisationId: OrganisationId): Promise<JoiningRules> {
  const row = await db
    .selectFrom('joining_rules')
    .select(['approval', 'lapsed_days'])
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst()
  return { approval: row?.approval ?? 'by-token', lapsedDaysMax: row?.lapsed_days ?? 365 }
}

/** Replaces them. */
export async function writeJoiningRules(tx: Tx, organisationId: OrganisationId, rules: JoiningRules): Promise<void> {
  const row = { approval: rules.approval, lapsed_days: rules.lapsedDaysMax }
  await tx
    .insertInto('joining_rules')
    .values({ organisation_id: organisationId, ...row })
    .onConflict((conflict) => conflict.column('organisation_id').doUpdateSet(row))
    .execute()
}
