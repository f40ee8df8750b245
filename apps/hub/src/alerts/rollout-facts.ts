/**
 * Rollout facts: the newest rollout of each deployment, unless it is complete, and whether the hub itself stopped it.
 */
import type { OrganisationId, RolloutId } from '@skerry/contract/values/ids'
import type { EmptiedFact, RolloutFact } from '@skerry/core/alerts/alert-facts'
import { stoppingAnalysis } from '@skerry/core/rollouts/rollout-analysis'
import { failuresOf } from '@skerry/core/rollouts/wave-verdict'
import { failuresIn } from '../rollouts/failure-store.ts'
import { hasLeftSql } from '../rollouts/leaving-rows.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'

/** Actions that stop a rollout: first decisions of the hub, then requests by people. */
const BY_HUB = ['rollout.paused', 'rollout.aborted', 'rollout.rolled_back']
const BY_PEOPLE = ['rollout.pause', 'rollout.abort', 'rollout.rollback', 'rollout.resume']

/** Ids in one query: far below the parameter limit of a database. */
const IDS_MAX = 5_000

/** Rollouts that are under way, and rollouts that ended without success and have no newer one. */
export async function rolloutFacts(db: Db, organisationId: OrganisationId): Promise<RolloutFact[]> {
  const rows = await db
    .selectFrom('deployments')
    .innerJoin('rollouts', 'rollouts.id', 'deployments.rollout_id')
    .select(['rollouts.id', 'rollouts.revision', 'rollouts.state', 'rollouts.plan', 'deployments.name as deployment'])
    .where('deployments.organisation_id', '=', organisationId)
    .where('rollouts.status', 'in', ['rolling', 'paused', 'aborted', 'rolled-back'])
    .orderBy('rollouts.created_at_ms', 'desc')
    .limit(IDS_MAX)
    .execute()
  const stopped = rows.filter(({ state }) => fromJson(state).status !== 'rolling').map(({ id }) => id)
  const decidedAtMs = await decisionsOf(db, organisationId, stopped)
  const records = rows.map((row) => ({ ...row, state: fromJson(row.state) }))
  const failures = await failuresIn(
    db,
    records.filter(({ id }) => decidedAtMs.has(id)),
  )
  return records.map(({ id, revision, state, plan, deployment }) => {
    const { status, reason, pausedBy, waves } = state
    return {
      id,
      deployment,
      revision,
      status,
      reason,
      pausedBy,
      failed: {
        count: waves.reduce((sum, wave) => sum + failuresOf(wave), 0),
        devices: (failures.get(id) ?? []).map(({ device }) => device),
      },
      timedOut: waves.reduce((sum, { counts }) => sum + counts['timed-out'], 0),
      decidedByHubAtMs: decidedAtMs.get(id),
      gate: status === 'paused' ? stoppingAnalysis(fromJson(plan), state) : undefined,
    }
  })
}

/** A longer list would only repeat the list of deployments. */
const EMPTIED_MAX = 100

/**
 * Deployments that have neither running nor pending versions on any device. A deployment that never had a device waits
 * for its first one.
 */
export async function emptiedDeployments(db: Db, organisationId: OrganisationId): Promise<EmptiedFact[]> {
  const rows = await db
    .selectFrom('deployments')
    .innerJoin('deployment_revisions', (join) =>
      join
        .onRef('deployment_revisions.deployment_id', '=', 'deployments.id')
        .onRef('deployment_revisions.revision', '=', 'deployments.revision'),
    )
    .select([
      'deployments.name',
      'deployments.rollout_id',
      'deployments.changed_at_ms',
      'deployment_revisions.name as deployable',
    ])
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
  return rows.map(({ name, rollout_id, changed_at_ms, deployable }) => ({
    deployment: name,
    deployable,
    rolloutId: rollout_id,
    sinceMs: changed_at_ms,
  }))
}

/**
 * The times of the hub's decisions, for rollouts whose last decision was the hub's. The audit trail names the actor.
 */
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
