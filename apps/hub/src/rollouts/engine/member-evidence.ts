/**
 * Member evidence: the last reports of devices on a rollout's revision, stored in their rows. A device that rolls back
 * to another revision reports on that one from then on. The row keeps the old report, so that people can see the reason
 * later.
 */
import type { DeviceId, RolloutId } from '@skerry/contract/values/ids'
import { sql } from 'kysely'
import type { Db, Tx } from '../../store/store.ts'

/** The scope of the rows: some devices, or one rollout. */
export type EvidenceScope = { deviceIds: readonly DeviceId[] } | { rolloutId: RolloutId }

/** Stores changed reports. Returns the rollouts with a change. */
export async function keepEvidence(tx: Tx, scope: EvidenceScope): Promise<RolloutId[]> {
  const news = await newsOf(tx, scope)
  for (const id of news) await raiseSequence(tx, id)
  if (news.length > 0) await takeOver(tx, scope)
  return news
}

/** Gives the next number to a change of the rollout's rows. */
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
    // The parts of a system release have other names. judge-stages.ts keeps the evidence of the whole.
    .innerJoin('deployment_revisions as revision', (join) =>
      join
        .onRef('revision.deployment_id', '=', 'rollouts.deployment_id')
        .onRef('revision.revision', '=', 'rollouts.revision')
        .onRef('revision.name', '=', 'device_items.name'),
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
    .from(['device_items', 'rollouts', 'deployment_revisions as revision'])
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
    .whereRef('revision.deployment_id', '=', 'rollouts.deployment_id')
    .whereRef('revision.revision', '=', 'rollouts.revision')
    .whereRef('revision.name', '=', 'device_items.name')
    .where(isOther)
    .$if('deviceIds' in scope, (update) =>
      update.where('rollout_members.device_id', 'in', 'deviceIds' in scope ? scope.deviceIds : []),
    )
    .$if('rolloutId' in scope, (update) =>
      update.where('rollout_members.rollout_id', '=', 'rolloutId' in scope ? scope.rolloutId : ('' as RolloutId)),
    )
    .execute()
}

/**
 * An item that is being removed no longer says anything about the revision. The comparison with the shadow is kept as
 * of the last such change.
 */
const isOther = sql<boolean>`device_items.state <> 'absent' and (
  rollout_members.state is distinct from device_items.state or rollout_members.cause is distinct from device_items.cause
  or rollout_members.held is distinct from device_items.held)`
