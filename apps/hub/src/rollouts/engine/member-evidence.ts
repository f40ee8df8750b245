/**
 * Member evidence: what devices last said of a rollout's revision, kept in their rows. A device that goes back to another revision speaks of
 * that one from then on; here it stays, so that somebody who comes later still sees why.
 */
import type { DeviceId, RolloutId } from '@skerry/contract/values/ids'
import { sql } from 'kysely'
import type { Db, Tx } from '../../store/store.ts'

/** Whose rows: some devices', or those of one rollout. */
export type EvidenceScope = { deviceIds: readonly DeviceId[] } | { rolloutId: RolloutId }

/** Takes over what is news. Gives the rollouts in which something was. */
export async function keepEvidence(tx: Tx, scope: EvidenceScope): Promise<RolloutId[]> {
  const news = await newsOf(tx, scope)
  for (const id of news) await raiseSequence(tx, id)
  if (news.length > 0) await takeOver(tx, scope)
  return news
}

/** Gives the next change of the rollout's rows its number. */
export async function raiseSequence(tx: Tx, id: RolloutId): Promise<number> {
  const { sequence } = await tx
    .updateTable('rollouts')
    .set(({ eb }) => ({ sequence: eb('sequence', '+', 1) }))
    .where('id', '=', id)
    .returning('sequence')
    .executeTakeFirstOrThrow()
  return sequence
}

async function newsOf(db: Db, scope: EvidenceScope): Promise<RolloutId[]> {
  const rows = await db
    .selectFrom('device_items')
    .innerJoin('rollouts', (join) =>
      join
        .onRef('rollouts.deployment_id', '=', 'device_items.deployment_id')
        .onRef('rollouts.revision', '=', 'device_items.target_revision'),
    )
    .innerJoin('rollout_members', (join) =>
      join
        .onRef('rollout_members.rollout_id', '=', 'rollouts.id')
        .onRef('rollout_members.device_id', '=', 'device_items.device_id'),
    )
    .select('rollouts.id')
    .distinct()
    .where(isOther)
    .$if('deviceIds' in scope, (select) =>
      select.where('device_items.device_id', 'in', 'deviceIds' in scope ? scope.deviceIds : []),
    )
    .$if('rolloutId' in scope, (select) =>
      select.where('rollouts.id', '=', 'rolloutId' in scope ? scope.rolloutId : ('' as RolloutId)),
    )
    .execute()
  return rows.map(({ id }) => id)
}

async function takeOver(tx: Tx, scope: EvidenceScope): Promise<void> {
  await tx
    .updateTable('rollout_members')
    .from(['device_items', 'rollouts'])
    .set({
      state: sql.ref('device_items.state'),
      cause: sql.ref('device_items.cause'),
      held: sql.ref('device_items.held'),
      shadow: sql.ref('device_items.shadow'),
      sequence: sql.ref('rollouts.sequence'),
    })
    .whereRef('rollouts.id', '=', 'rollout_members.rollout_id')
    .whereRef('rollouts.deployment_id', '=', 'device_items.deployment_id')
    .whereRef('rollouts.revision', '=', 'device_items.target_revision')
    .whereRef('device_items.device_id', '=', 'rollout_members.device_id')
    .where(isOther)
    .$if('deviceIds' in scope, (update) =>
      update.where('rollout_members.device_id', 'in', 'deviceIds' in scope ? scope.deviceIds : []),
    )
    .$if('rolloutId' in scope, (update) =>
      update.where('rollout_members.rollout_id', '=', 'rolloutId' in scope ? scope.rolloutId : ('' as RolloutId)),
    )
    .execute()
}

/** An item that is on its way out has nothing to say of the revision any more. What was compared is kept as of the last such news. */
const isOther = sql<boolean>`device_items.state <> 'absent' and (
  rollout_members.state is distinct from device_items.state or rollout_members.cause is distinct from device_items.cause
  or rollout_members.held is distinct from device_items.held)`
