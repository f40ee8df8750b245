/** Rollback deployment: finds the earlier revision, and applies or plans a new one that returns the deployment to it. */
import type { RollbackMove, RollbackPlan } from '@skerry/contract/deployments/rollback'
import type { Digest } from '@skerry/contract/values/digest'
import {
  droppedParts,
  type KnownRevision,
  rollbackPlan,
  rollbackSpec,
  rollbackTarget,
  withoutTime,
} from '@skerry/core/deployments/rollback/rollback'
import { forwardFrom, rollbackCaution, rolloutEnd } from '@skerry/core/deployments/rollback/rollback-caution'
import { isWithin, type Scope } from '@skerry/core/people/scope'
import { recipesOf } from '../builds/recipe-store.ts'
import { problem, throwProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { resolveVersion } from '../models/version-store.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import { type AppliedDeployment, applyDeployment } from './apply-deployment.ts'
import type { DeploymentInForce } from './deployment-store.ts'
import { planDeployment } from './plan-deployment.ts'
import type { PickedDevice } from './population.ts'
import { rolloutsInForce, versionCounts } from './version-count-store.ts'

export type RollbackWish = {
  deployment: DeploymentInForce
  /** The scope of the caller's role. */
  scope: Scope | undefined
  to: number | undefined
}

type Ends = { current: KnownRevision; target: KnownRevision; known: readonly KnownRevision[] }

/** Rolls the deployment back, inside a transaction. */
export async function rollBackDeployment(
  tx: Tx,
  hub: Pick<Hub, 'ids' | 'clock'>,
  wish: RollbackWish & { ifRevision: number | undefined },
): Promise<AppliedDeployment & { rollbackTo: number }> {
  const { deployment, ifRevision = deployment.revision } = wish
  const { organisationId } = deployment
  const { current, target } = await rollbackEnds(tx, wish)
  const spec = rollbackSpec(current, target)
  const plan = rollbackPlan(spec.strategy, target.revision)
  const applied = await applyDeployment(tx, hub, {
    organisationId,
    nowMs: hub.clock.nowMs(),
    spec,
    plan,
    choices: target.choices,
    ifRevision,
  })
  return { ...applied, rollbackTo: target.revision }
}

/** Computes the effect; changes nothing. */
export async function planRollback(hub: Hub, wish: RollbackWish): Promise<RollbackPlan> {
  const { organisationId, deployable, id, stableRevision } = wish.deployment
  const { db } = hub.store
  const { current, target, known } = await rollbackEnds(db, wish)
  const spec = rollbackSpec(current, target)
  const { plan, picked, version } = await planDeployment(hub, organisationId, {
    spec,
    rollout: rollbackPlan(spec.strategy, target.revision),
    choices: target.choices,
    isRollback: true,
  })
  const caution = rollbackCaution({ target, known })
  const forward = forwardFrom({ current, target, known, stableRevision })
  const now = (await versionCounts(db, await rolloutsInForce(db, [id]), hub.clock.nowMs())).get(id)
  const recipes = await recipesOf(db, [current.buildId, target.buildId])
  const serving = await servingItems(db, { organisationId, deployable: spec.deployable })
  const changes = movesOf(picked, serving, (device) => device.form?.digest ?? version.digest)
  return {
    from: { revision: current.revision, deployable, version: current.version, ...recipes(current.buildId) },
    to: {
      revision: target.revision,
      deployable: spec.deployable,
      version: target.version,
      ...recipes(target.buildId),
    },
    spec,
    dropped: droppedParts(current),
    ...changes,
    plan: changes.moves.length === 0 ? withoutTime(plan) : plan,
    ...(caution && { caution }),
    ...(forward !== undefined && { forwardFrom: forward }),
    ...(now && { now }),
  }
}

/** Throws the contract's problem if there is no such revision, or if its version cannot come back. */
async function rollbackEnds(db: Db, { deployment, scope, to }: RollbackWish): Promise<Ends> {
  const known = await knownRevisions(db, deployment)
  const current = known.find(({ revision }) => revision === deployment.revision)
  if (!current) throw new Error(`the revision in force of ${deployment.name} is not stored`)
  const found = rollbackTarget({ current, known, to })
  if (!found.ok) throwProblem(found)
  const { target } = found
  const { name, deployable, selector } = target.spec
  if (scope && !isWithin(selector, scope.text))
    throw problem('scope_exceeded', `revision ${target.revision} of ${name} reaches beyond the scope of your role`)
  const version = String(target.version)
  const stored = await resolveVersion(db, { organisationId: deployment.organisationId, name: deployable }, version)
  if (!stored.ok) {
    throw problem(
      stored.code,
      `revision ${target.revision} of ${name} runs ${deployable}:${version}, which was removed; choose another revision: "skerry deployment revisions ${name}" lists them`,
    )
  }
  return { current, target, known }
}

/** All revisions of the deployment that the hub keeps: little more than ten. */
async function knownRevisions(db: Db, { id, stableRevision }: DeploymentInForce): Promise<KnownRevision[]> {
  const rows = await db
    .selectFrom('deployment_revisions')
    .leftJoin('rollouts', (join) =>
      join
        .onRef('rollouts.deployment_id', '=', 'deployment_revisions.deployment_id')
        .onRef('rollouts.revision', '=', 'deployment_revisions.revision'),
    )
    .select(['deployment_revisions.revision', 'deployment_revisions.spec', 'deployment_revisions.version'])
    .select(['deployment_revisions.build_id', 'deployment_revisions.build_choices'])
    .select(['rollouts.status', 'rollouts.plan', 'rollouts.state'])
    .where('deployment_revisions.deployment_id', '=', id)
    .execute()
  return rows.map(({ revision, spec, version, build_id, build_choices, status, plan, state }) => ({
    revision,
    spec: fromJson(spec),
    version,
    buildId: build_id ?? undefined,
    choices: build_choices === null ? undefined : fromJson(build_choices),
    rollout: state === null ? undefined : rolloutEnd(fromJson(state)),
    isDone: status === 'done' || revision === stableRevision,
    rollbackTo: plan === null ? undefined : fromJson(plan).rollbackTo,
  }))
}

type Named = Pick<DeploymentInForce, 'organisationId' | 'deployable'>

/** The version that each device serves now, and its content; both null if it reports the item and serves none. */
async function servingItems(db: Db, { organisationId, deployable }: Named) {
  const rows = await db
    .selectFrom('device_items')
    .select(['device_id', 'serving_version', 'serving_digest'])
    .where('organisation_id', '=', organisationId)
    .where('name', '=', deployable)
    .execute()
  return new Map(rows.map(({ device_id, ...serving }) => [device_id, serving]))
}

/** The maximum of names in a plan; the contract cuts its lists there. */
const NAMES_MAX = 500

function movesOf(
  picked: readonly PickedDevice[],
  serving: Awaited<ReturnType<typeof servingItems>>,
  digestFor: (device: PickedDevice) => Digest | undefined,
): Pick<RollbackPlan, 'moves' | 'settled'> {
  const moving = picked.filter((device) => serving.get(device.deviceId)?.serving_digest !== digestFor(device))
  const groups = Map.groupBy(moving, ({ deviceId }) => serving.get(deviceId)?.serving_version ?? undefined)
  const settled = picked.length - moving.length
  const moves = [...groups].map(
    ([version, devices]): RollbackMove => ({
      ...(version !== undefined && { version }),
      count: devices.length,
      devices: devices.slice(0, NAMES_MAX).map(({ deviceId, name, site }) => ({ id: deviceId, name, site })),
    }),
  )
  return { moves: moves.sort((a, b) => b.count - a.count), settled }
}
