/** Rollout store: rollouts as records. Their devices' rows are in member-store.ts. */
import type { Recipe } from '@skerry/contract/builds/build'
import type { Analysis, AnalysisRun, AnalysisView } from '@skerry/contract/deployments/analysis'
import type { Rollout, RolloutFailure, RolloutWave } from '@skerry/contract/rollouts/rollout'
import type { DeploymentId, OrganisationId, RolloutId } from '@skerry/contract/values/ids'
import type { RolloutState } from '@skerry/core/rollouts/rollout-state'
import type { WaveState } from '@skerry/core/rollouts/wave-verdict'
import type { PlannedWave, RolloutPlan } from '@skerry/core/rollouts/waves'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { RolloutTable } from '../store/tables/deployment-tables.ts'
import { failuresIn } from './failure-store.ts'

/** A rollout in the form for the engine. */
export type RolloutRecord = Omit<RolloutTable, 'status' | 'state' | 'plan'> & { state: RolloutState; plan: RolloutPlan }

type Scope = { organisationId: OrganisationId; rolloutId: RolloutId }

/** The rollout; undefined if the organisation has none of that id. */
export async function findRollout(db: Db, { organisationId, rolloutId }: Scope): Promise<RolloutRecord | undefined> {
  const row = await db
    .selectFrom('rollouts')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('id', '=', rolloutId)
    .executeTakeFirst()
  return row && recordOf(row)
}

const recordOf = ({ status: _status, state, plan, ...row }: RolloutTable): RolloutRecord => ({
  ...row,
  state: fromJson(state),
  plan: fromJson(plan),
})

export async function insertRollout(tx: Tx, { state, plan, ...row }: RolloutRecord): Promise<void> {
  const columns = { ...row, status: state.status, state: toJson(state), plan: toJson(plan) }
  await tx.insertInto('rollouts').values(columns).execute()
}

/** Stores the present state of the rollout. */
export async function saveRollout(tx: Tx, { id, organisation_id, state }: RolloutRecord, nowMs: number): Promise<void> {
  await tx
    .updateTable('rollouts')
    .set({ status: state.status, state: toJson(state), changed_at_ms: nowMs })
    .where('organisation_id', '=', organisation_id)
    .where('id', '=', id)
    .execute()
}

/** All rollouts of all organisations that have not ended. */
export async function unendedRollouts(db: Db): Promise<RolloutRecord[]> {
  const rows = await db.selectFrom('rollouts').selectAll().where('status', 'in', ['rolling', 'paused']).execute()
  return rows.map(recordOf)
}

const views = (db: Db, organisationId: OrganisationId) =>
  db
    .selectFrom('rollouts')
    .innerJoin('deployments', 'deployments.id', 'rollouts.deployment_id')
    .innerJoin('deployment_revisions', (join) =>
      join
        .onRef('deployment_revisions.deployment_id', '=', 'rollouts.deployment_id')
        .onRef('deployment_revisions.revision', '=', 'rollouts.revision'),
    )
    .leftJoin('builds', 'builds.id', 'deployment_revisions.build_id')
    .selectAll('rollouts')
    .select([
      'builds.recipe',
      'deployments.name as deployment',
      'deployment_revisions.name as deployable',
      'deployment_revisions.version',
    ])
    .where('rollouts.organisation_id', '=', organisationId)

/** The rollout as people see it; undefined if the organisation has none of that id. */
export async function findRolloutView(db: Db, { organisationId, rolloutId }: Scope): Promise<Rollout | undefined> {
  const row = await views(db, organisationId).where('rollouts.id', '=', rolloutId).executeTakeFirst()
  const [view] = row ? await viewsOf(db, [row]) : []
  return view
}

/** These rollouts as people see them, newest first. */
export async function rolloutViews(
  db: Db,
  { organisationId, ids, limit }: { organisationId: OrganisationId; ids: readonly RolloutId[]; limit: number },
): Promise<Rollout[]> {
  if (ids.length === 0) return []
  const rows = await views(db, organisationId)
    .where('rollouts.id', 'in', ids)
    .orderBy('rollouts.created_at_ms', 'desc')
    .orderBy('rollouts.id', 'desc')
    .limit(limit)
    .execute()
  return viewsOf(db, rows)
}

export type RolloutQuery = {
  organisationId: OrganisationId
  limit: number
  /** Rollouts older than this one. */
  after?: RolloutId | undefined
  deployment?: string | undefined
  isUnended?: boolean
}

/** One page of rollouts, newest first. */
export async function listRollouts(db: Db, query: RolloutQuery): Promise<Rollout[]> {
  const { organisationId, limit, after, deployment, isUnended } = query
  const last = after && (await findRollout(db, { organisationId, rolloutId: after }))
  const rows = await views(db, organisationId)
    .$if(deployment !== undefined, (select) => select.where('deployments.name', '=', deployment ?? ''))
    .$if(isUnended === true, (select) => select.where('rollouts.status', 'in', ['rolling', 'paused']))
    .$if(last !== undefined, (select) =>
      select.where((eb) =>
        eb.or([
          eb('rollouts.created_at_ms', '<', last?.created_at_ms ?? 0),
          eb.and([
            eb('rollouts.created_at_ms', '=', last?.created_at_ms ?? 0),
            eb('rollouts.id', '<', last?.id ?? ('' as RolloutId)),
          ]),
        ]),
      ),
    )
    .orderBy('rollouts.created_at_ms', 'desc')
    .orderBy('rollouts.id', 'desc')
    .limit(limit)
    .execute()
  return viewsOf(db, rows)
}

type ViewRow = RolloutTable & { deployment: string; deployable: string; version: number; recipe: Recipe | null }

async function viewsOf(db: Db, rows: readonly ViewRow[]): Promise<Rollout[]> {
  const records = rows.map((row) => ({ ...row, ...recordOf(row) }))
  const failures = await failuresIn(db, records)
  return records.map((record) => viewOf(record, failures.get(record.id)))
}

type ViewRecord = RolloutRecord & Pick<ViewRow, 'deployment' | 'deployable' | 'version' | 'recipe'>

function viewOf(row: ViewRecord, failures: RolloutFailure[] | undefined): Rollout {
  const { state, plan } = row
  return {
    id: row.id,
    deploymentId: row.deployment_id,
    deployment: row.deployment,
    revision: row.revision,
    deployable: row.deployable,
    version: row.version,
    ...(row.recipe !== null && { recipe: row.recipe }),
    status: state.status,
    ...(state.reason === undefined ? {} : { reason: state.reason }),
    ...(state.status === 'paused' && state.pausedBy && { pausedBy: state.pausedBy }),
    ...(failures && { failures }),
    ...(plan.rollbackTo !== undefined && { rollbackTo: plan.rollbackTo }),
    wave: state.wave,
    waves: state.waves.map((wave, index) => waveOf(plan.waves[index], wave)),
    onFailure: plan.onFailure,
    sequence: row.sequence,
    createdAtMs: row.created_at_ms,
    changedAtMs: row.changed_at_ms,
  }
}

function waveOf(planned: PlannedWave | undefined, wave: WaveState): RolloutWave {
  if (!planned) throw new Error('the rollout has a wave that its plan does not have')
  const { name, failuresMax, minExecuted, limits, soakMs, deadlineMs, analysis } = planned
  const { approval, pauseAfter, mandatory, isSwitch, isRemoval } = planned
  const { analyses: runs, ...stands } = wave
  return {
    name,
    limits: {
      failuresMax,
      minExecuted,
      ...(limits?.length && { limits }),
      ...(isSwitch && { isSwitch }),
      ...(isRemoval && { isRemoval }),
      ...(approval && { approval }),
      ...(pauseAfter && { pauseAfter }),
      ...(mandatory && { mandatory }),
      soakSeconds: soakMs / 1_000,
      deadlineSeconds: deadlineMs / 1_000,
    },
    ...stands,
    ...(analysis && { analyses: analysis.map((one, place) => viewOfAnalysis(one, runs?.[place])) }),
  }
}

const viewOfAnalysis = (analysis: Analysis, run: AnalysisRun | undefined): AnalysisView => ({
  analysis,
  ...(run && { run }),
})

/** The rollouts that a deployment has had, newest first. */
export async function rolloutsOf(db: Db, deploymentId: DeploymentId): Promise<{ id: RolloutId; revision: number }[]> {
  return db
    .selectFrom('rollouts')
    .select(['id', 'revision'])
    .where('deployment_id', '=', deploymentId)
    .orderBy('revision', 'desc')
    .execute()
}
