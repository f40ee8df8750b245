/** Rollout facts: the newest rollout of each deployment, unless it is done, and whether the hub itself stopped it. */
import type { OrganisationId, RolloutId } from '@skerry/contract/values/ids'
import type { EmptiedFact, RolloutFact } from '@skerry/core/alerts/alert-facts'
import { hasLeftSql } from '../rollouts/leaving-rows.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'

/** What the hub decides, and what people ask for, that stops a rollout. */
const BY_HUB = ['rollout.paused', 'rollout.aborted', 'rollout.rolled_back']
const BY_PEOPLE = ['rollout.pause', 'rollout.abort', 'rollout.rollback', 'rollout.resume']

/** Ids in one query, far under what a database takes as parameters. */
const IDS_MAX = 5_000

/** Those that are under way, and those that ended without success while nothing newer was asked for. */
export async function rolloutFacts(db: Db, organisationId: OrganisationId): Promise<RolloutFact[]> {
  const rows = await db
    .selectFrom('deployments')
    .innerJoin('rollouts', 'rollouts.id', 'deployments.rollout_id')
    .select(['rollouts.id', 'rollouts.revision', 'rollouts.state', 'deployments.name as deployment'])
    .where('deployments.organisation_id', '=', organisationId)
    .where('rollouts.status', 'in', ['rolling', 'paused', 'aborted', 'rolled-back'])
    .orderBy('rollouts.created_at_ms', 'desc')
    .limit(IDS_MAX)
    .execute()
  const stopped = rows.filter(({ state }) => fromJson(state).status !== 'rolling').map(({ id }) => id)
  const decidedAtMs = await decisionsOf(db, organisationId, stopped)
  return rows.map(({ id, revision, state, deployment }) => {
    const { status, reason, waves } = fromJson(state)
    return {
      id,
      deployment,
      revision,
      status,
      reason,
      timedOut: waves.reduce((sum, { counts }) => sum + counts['timed-out'], 0),
      decidedByHubAtMs: decidedAtMs.get(id),
    }
  })
}

/** More of them would be a list of deployments. */
const EMPTIED_MAX = 100

/** Deployments of which no device has, or awaits, anything; a deployment that never had a device waits for its first. */
export async function emptiedDeployments(db: Db, organisationId: OrganisationId): Promise<EmptiedFact[]> {
  const rows = await db
    .selectFrom('deployments')
    .innerJoin('deployment_revisions', (join) =>
      join
        .onRef('deployment_revisions.deployment_id', '=', 'deployments.id')
        .onRef('deployment_revisions.revision', '=', 'deployments.revision'),
    )
    .select(['deployments.name', 'deployments.rollout_id', 'deployments.changed_at_ms', 'deployment_revisions.model'])
    .where('deployments.organisation_id', '=', organisationId)
    .where(({ eb, or, exists, selectFrom }) =>
      or([
        eb('deployments.stable_revision', 'is not', null),
        exists(
          selectFrom('rollout_members')
            .select('rollout_members.device_id')
            .whereRef('rollout_members.rollout_id', '=', 'deployments.rollout_id'),
        ),
      ]),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('rollout_members')
            .innerJoin('rollouts', 'rollouts.id', 'rollout_members.rollout_id')
            .select('rollout_members.device_id')
            .whereRef('rollout_members.rollout_id', '=', 'deployments.rollout_id')
            .where((eb) => eb.not(hasLeftSql)),
        ),
      ),
    )
    .orderBy('deployments.name')
    .limit(EMPTIED_MAX)
    .execute()
  return rows.map(({ name, rollout_id, changed_at_ms, model }) => ({
    deployment: name,
    model,
    rolloutId: rollout_id,
    sinceMs: changed_at_ms,
  }))
}

/** When the hub decided, where its decision was the last one: the audit trail knows who did what. */
async function decisionsOf(
  db: Db,
  organisationId: OrganisationId,
  ids: readonly RolloutId[],
): Promise<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map()
  const records = await db
    .selectFrom('audit_records')
    .select(['object_id', 'action', 'at_ms'])
    .where('organisation_id', '=', organisationId)
    .where('object_id', 'in', ids)
    .where('action', 'in', [...BY_HUB, ...BY_PEOPLE])
    .where('result', '=', 'ok')
    .orderBy('sequence')
    .execute()
  const last = new Map(records.map((record) => [record.object_id, record]))
  return new Map(
    [...last.values()]
      .filter(({ action }) => BY_HUB.includes(action))
      .map(({ object_id, at_ms }) => [object_id, at_ms]),
  )
}
