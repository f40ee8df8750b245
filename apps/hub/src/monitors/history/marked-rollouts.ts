/** Marked rollouts: the rollouts of a model that charts over time mark on their axis. */
import { ROLLOUTS_MARKED_MAX, type SeriesRollout } from '@skerry/contract/monitors/monitor'
import type { KeyCall } from '../../http/call.ts'
import type { Db } from '../../store/store.ts'
import type { SumQuery } from '../monitor-store.ts'

/** Of all versions of the model: values may move because a neighbour changed. */
export async function rolloutsIn(db: Db, { organisationId, model, fromMs, toMs }: SumQuery): Promise<SeriesRollout[]> {
  const rows = await db
    .selectFrom('rollouts as rollout')
    .innerJoin('deployment_revisions as wanted', (join) =>
      join
        .onRef('wanted.deployment_id', '=', 'rollout.deployment_id')
        .onRef('wanted.revision', '=', 'rollout.revision'),
    )
    .innerJoin('deployments as deployment', 'deployment.id', 'rollout.deployment_id')
    .select(['rollout.id', 'deployment.name', 'wanted.version', 'rollout.created_at_ms'])
    .where('rollout.organisation_id', '=', organisationId)
    .where('wanted.name', '=', model)
    .where('rollout.created_at_ms', '>=', fromMs)
    .where('rollout.created_at_ms', '<', toMs)
    .orderBy('rollout.created_at_ms', 'desc')
    .limit(ROLLOUTS_MARKED_MAX)
    .execute()
  return rows.map(({ id, name, version, created_at_ms }) => ({
    rollout: id,
    deployment: name,
    version,
    atMs: created_at_ms,
  }))
}

/** Those that the caller may see: a scope may leave out the devices of a rollout. */
export async function visibleRollouts(
  { hub, organisationId, scope }: Pick<KeyCall, 'hub' | 'organisationId' | 'scope'>,
  rollouts: readonly SeriesRollout[],
): Promise<SeriesRollout[]> {
  if (!scope) return [...rollouts]
  const question = { db: hub.store.db, organisationId, scope }
  const visible: SeriesRollout[] = []
  for (const one of rollouts) if (await hub.nouns.inScope.rollout(question, one.rollout)) visible.push(one)
  return visible
}
