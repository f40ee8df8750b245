/** Deployment store: deployments as records, with the revision that is in force. */
import type { ClassBuild } from '@skerry/contract/builds/measurement'
import type { Deployment, DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { VersionKind } from '@skerry/contract/kinds/kinds'
import type { HostedRuntime } from '@skerry/contract/models/hosted-model'
import type { RolloutFailure } from '@skerry/contract/rollouts/rollout'
import type { Digest } from '@skerry/contract/values/digest'
import type { BuildId, DeploymentId, DeviceId, OrganisationId, RolloutId } from '@skerry/contract/values/ids'
import { compareAge } from '@skerry/core/devices/desired'
import { KINDS_WITH_RUNTIME, runtimeOf } from '@skerry/core/kinds/kinds'
import { deviceCounts } from '@skerry/core/rollouts/views/version-counts'
import type { ReleasePart } from '@skerry/core/systems/stage'
import { type ClassForm, formsOf } from '../builds/class-form-store.ts'
import { recipesOf } from '../builds/recipe-store.ts'
import { expandSelectors } from '../groups/group-store.ts'
import { failuresIn } from '../rollouts/failure-store.ts'
import { hasLeftSql } from '../rollouts/leaving-rows.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { DeploymentRevisionTable, DeploymentTable } from '../store/tables/deployment-tables.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { partsOfVersions } from '../systems/part-store.ts'
import { type RolloutInForce, rolloutsInForce, versionCounts } from './version-count-store.ts'

/** A deployment at its newest revision, with the revision's requirements on a device. */
export type DeploymentInForce = {
  id: DeploymentId
  organisationId: OrganisationId
  name: string
  createdAtMs: number
  changedAtMs: number
  revision: number
  stableRevision: number | undefined
  rolloutId: RolloutId
  spec: DeploymentSpec
  /** The selector of the spec with its groups expanded. */
  picks: string
  deployable: string
  /** The kind of the version; `model` if it is gone from the store. */
  kind: VersionKind
  version: number
  opset: number
  /** The app on the device that loads the files of the version; undefined if it needs none. */
  runtime: HostedRuntime | undefined
  /** The build that the devices get; undefined if they get the version itself. */
  buildId: BuildId | undefined
  /** The build of each class of hardware, if the spec asks for the best; undefined otherwise. */
  choices: readonly ClassBuild[] | undefined
  /** The builds of `choices`. Devices of other classes get the version itself. */
  forms: readonly ClassForm[]
  /** Absent if the version is gone from the store: no device has it, and none can get it. */
  digest: Digest | undefined
  sizeBytes: number
  /** The versions that devices get in place of it, if it is a system release; none otherwise. */
  parts: readonly ReleasePart[]
}

const inForce = (db: Db, organisationId: OrganisationId) =>
  db
    .selectFrom('deployments')
    .innerJoin('deployment_revisions', (join) =>
      join
        .onRef('deployment_revisions.deployment_id', '=', 'deployments.id')
        .onRef('deployment_revisions.revision', '=', 'deployments.revision'),
    )
    // A person may have removed a version from the file by hand. Its deployments must still be listed, so that they can
    // be changed or removed.
    .leftJoin('versions', (join) =>
      join
        .onRef('versions.organisation_id', '=', 'deployments.organisation_id')
        .onRef('versions.name', '=', 'deployment_revisions.name')
        .onRef('versions.version', '=', 'deployment_revisions.version'),
    )
    .leftJoin('builds', 'builds.id', 'deployment_revisions.build_id')
    .selectAll('deployments')
    .select(['builds.digest as build_digest', 'builds.size_bytes as build_size_bytes'])
    .select([
      'deployment_revisions.build_id',
      'deployment_revisions.build_choices',
      'deployment_revisions.spec',
      'deployment_revisions.name as deployable',
      'deployment_revisions.version',
      'deployment_revisions.opset',
      'versions.kind',
      'versions.digest',
      'versions.size_bytes',
    ])
    // The summary of a model may be long, and only these kinds are placed by it.
    .select(({ eb }) =>
      eb
        .case()
        .when('versions.kind', 'in', KINDS_WITH_RUNTIME)
        .then(eb.ref('versions.summary'))
        .end()
        .as('runtime_summary'),
    )
    .where('deployments.organisation_id', '=', organisationId)

type Row = DeploymentTable &
  Pick<DeploymentRevisionTable, 'spec' | 'version' | 'opset' | 'build_id' | 'build_choices'> & {
    deployable: string
    build_digest: Digest | null
    build_size_bytes: number | null
    kind: VersionKind | null
    digest: Digest | null
    size_bytes: number | null
    runtime_summary: VersionTable['summary'] | null
  }

async function recordsOf(db: Db, rows: readonly Row[]): Promise<DeploymentInForce[]> {
  const read = rows.map((row) => ({ row, choices: row.build_choices ? fromJson(row.build_choices) : undefined }))
  const formsIn = await formsOf(
    db,
    read.map(({ choices }) => choices),
  )
  const [firstRow] = rows
  if (!firstRow) return []
  const names = rows.map(({ deployable }) => deployable)
  const parts = await partsOfVersions(db, firstRow.organisation_id, names)
  const records = read.map(({ row, choices }) => ({
    ...recordOf(row),
    choices,
    forms: formsIn(choices),
    parts: parts.get(`${row.deployable} ${row.version}`) ?? [],
  }))
  const selectors = records.map(({ spec }) => spec.selector)
  const expanded = await expandSelectors(db, firstRow.organisation_id, selectors)
  return records.map((record) => ({ ...record, picks: expanded(record.spec.selector) }))
}

const recordOf = (row: Row): Omit<DeploymentInForce, 'choices' | 'forms' | 'picks' | 'parts'> => ({
  id: row.id,
  organisationId: row.organisation_id,
  name: row.name,
  createdAtMs: row.created_at_ms,
  changedAtMs: row.changed_at_ms,
  revision: row.revision,
  stableRevision: row.stable_revision ?? undefined,
  rolloutId: row.rollout_id,
  spec: fromJson(row.spec),
  deployable: row.deployable,
  kind: row.kind ?? 'model',
  version: row.version,
  opset: row.opset,
  runtime: runtimeIn(row),
  buildId: row.build_id ?? undefined,
  digest: row.build_digest ?? row.digest ?? undefined,
  sizeBytes: row.build_size_bytes ?? row.size_bytes ?? 0,
})

const runtimeIn = ({ kind, runtime_summary: summary }: Row): HostedRuntime | undefined =>
  kind === null || summary === null ? undefined : runtimeOf(kind, fromJson(summary))

/** All deployments of the organisation, oldest first. In this order they own a model's name. */
export async function deploymentsInForce(db: Db, organisationId: OrganisationId): Promise<DeploymentInForce[]> {
  return (await recordsOf(db, await inForce(db, organisationId).execute())).sort(compareAge)
}

/** The deployment of the name; undefined if the organisation has none. */
export async function findDeployment(
  db: Db,
  organisationId: OrganisationId,
  name: string,
): Promise<DeploymentInForce | undefined> {
  const rows = await inForce(db, organisationId).where('deployments.name', '=', name).limit(1).execute()
  const [found] = await recordsOf(db, rows)
  return found
}

export type DeploymentQuery = {
  organisationId: OrganisationId
  limit: number
  after: string | undefined
  /** Only deployments whose newest rollout has the device. */
  deviceId: DeviceId | undefined
}

/** One page of deployments, by name. */
export async function listDeployments(
  db: Db,
  { organisationId, limit, after, deviceId }: DeploymentQuery,
): Promise<DeploymentInForce[]> {
  const rows = await inForce(db, organisationId)
    .$if(after !== undefined, (select) => select.where('deployments.name', '>', after ?? ''))
    .$if(deviceId !== undefined, (select) =>
      select.where('deployments.rollout_id', 'in', (members) =>
        members
          .selectFrom('rollout_members')
          .innerJoin('rollouts', 'rollouts.id', 'rollout_members.rollout_id')
          .select('rollout_id')
          .where('device_id', '=', deviceId as DeviceId)
          .where((eb) => eb.not(hasLeftSql)),
      ),
    )
    .orderBy('deployments.name')
    .limit(limit)
    .execute()
  return recordsOf(db, rows)
}

/** The number of deployments of the organisation. */
export async function countDeployments(db: Db, organisationId: OrganisationId): Promise<number> {
  const row = await db
    .selectFrom('deployments')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organisation_id', '=', organisationId)
    .executeTakeFirstOrThrow()
  return row.count
}

/** The deployments as the API shows them. */
export async function deploymentViews(
  db: Db,
  deployments: readonly DeploymentInForce[],
  nowMs: number,
): Promise<Deployment[]> {
  if (deployments.length === 0) return []
  const ids = deployments.map(({ id }) => id)
  const counts = await db
    .selectFrom('deployment_conflicts')
    .select(({ fn }) => ['deployment_id', fn.countAll<number>().as('count')])
    .where('deployment_id', 'in', ids)
    .groupBy('deployment_id')
    .execute()
  const conflicts = new Map(counts.map(({ deployment_id, count }) => [deployment_id, count]))
  const rollouts = await rolloutsInForce(db, ids)
  const standings = new Map(rollouts.map((rollout) => [rollout.deployment_id, rollout]))
  const versions = await versionCounts(db, rollouts, nowMs)
  const failures = await failuresIn(db, rollouts)
  const recipes = await recipesOf(
    db,
    deployments.map(({ buildId }) => buildId),
  )
  return deployments.map((deployment) => ({
    id: deployment.id,
    name: deployment.name,
    revision: deployment.revision,
    ...(deployment.stableRevision === undefined ? {} : { stableRevision: deployment.stableRevision }),
    spec: deployment.spec,
    version: deployment.version,
    ...(deployment.buildId && { build: deployment.buildId, ...recipes(deployment.buildId) }),
    ...(deployment.choices && { choices: [...deployment.choices] }),
    rolloutId: deployment.rolloutId,
    ...standingOf({ rollout: standings.get(deployment.id), failures: failures.get(deployment.rolloutId) }),
    ...versions.get(deployment.id),
    conflicts: conflicts.get(deployment.id) ?? 0,
    createdAtMs: deployment.createdAtMs,
    changedAtMs: deployment.changedAtMs,
  }))
}

type Standing = { rollout: RolloutInForce | undefined; failures: readonly RolloutFailure[] | undefined }

type StandingView = Pick<Deployment, 'rollbackTo' | 'rolloutStatus' | 'pausedBy' | 'failures' | 'devices'>

function standingOf({ rollout, failures }: Standing): StandingView {
  if (!rollout) throw new Error('a deployment has no rollout')
  const { rollbackTo, status, state } = rollout
  return {
    ...(rollbackTo !== undefined && { rollbackTo }),
    rolloutStatus: status,
    ...(status === 'paused' && state.pausedBy && { pausedBy: state.pausedBy }),
    ...(failures && { failures: [...failures] }),
    devices: deviceCounts(rollout),
  }
}

/** Inserts a new deployment, or updates an existing one to a new revision. */
export async function putDeployment(tx: Tx, deployment: DeploymentInForce): Promise<void> {
  const { id, organisationId, name, revision, rolloutId, createdAtMs, changedAtMs } = deployment
  const is_placed = deployment.spec.placement ? (1 as const) : null
  const columns = { revision, rollout_id: rolloutId, changed_at_ms: changedAtMs, is_placed }
  await tx
    .insertInto('deployments')
    .values({
      ...columns,
      id,
      organisation_id: organisationId,
      name,
      stable_revision: deployment.stableRevision ?? null,
      created_at_ms: createdAtMs,
    })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
    .execute()
  await tx
    .insertInto('deployment_revisions')
    .values({
      deployment_id: id,
      revision,
      organisation_id: organisationId,
      spec: toJson(deployment.spec),
      name: deployment.deployable,
      version: deployment.version,
      opset: deployment.opset,
      build_id: deployment.buildId ?? null,
      build_choices: deployment.choices ? toJson([...deployment.choices]) : null,
    })
    .execute()
}

/** Removes the deployment with its revisions, rollouts and their members, which all belong to it. */
export async function deleteDeployment(tx: Tx, { organisationId, id }: DeploymentInForce): Promise<void> {
  await tx.deleteFrom('deployments').where('organisation_id', '=', organisationId).where('id', '=', id).execute()
}

/**
 * Number of revisions whose rollouts and members are kept: enough for the history, and a bound on the rows of a busy
 * deployment.
 */
const REVISIONS_KEPT = 10

/** Deletes old rollouts, and revisions to which no device can roll back any more. */
export async function forgetOldRevisions(tx: Tx, { id, revision, stableRevision, rolloutId }: DeploymentInForce) {
  const last = revision - REVISIONS_KEPT
  await tx.deleteFrom('rollouts').where('deployment_id', '=', id).where('revision', '<=', last).execute()
  await tx
    .deleteFrom('deployment_revisions')
    .where('deployment_id', '=', id)
    .where('revision', '<=', last)
    .where('revision', '<>', stableRevision ?? 0)
    .where('revision', 'not in', (select) =>
      select
        .selectFrom('rollout_members')
        .select('previous_revision')
        .where('rollout_id', '=', rolloutId)
        .where('previous_revision', 'is not', null)
        .$narrowType<{ previous_revision: number }>(),
    )
    .execute()
}
