/** Apply deployment: stores a deployment as described. A change is a new revision with a rollout of its own. */
import { isDeepStrictEqual } from 'node:util'
import type { ClassBuild } from '@skerry/contract/builds/measurement'
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { DeviceId, OrganisationId, RolloutId } from '@skerry/contract/values/ids'
import { analysisProblem } from '@skerry/core/analysis/analysis-conditions'
import { isSameChoice } from '@skerry/core/builds/choice'
import { lastGoodRevision } from '@skerry/core/devices/desired'
import { groupOf } from '@skerry/core/rollouts/offer-budget'
import { hasLeft, isEnded, startRollout } from '@skerry/core/rollouts/rollout-state'
import {
  assignWaves,
  type CompiledWave,
  compileWaves,
  planRollout,
  type RolloutPlan,
  withRemoval,
} from '@skerry/core/rollouts/waves'
import { windowProblem } from '@skerry/platform/process/window-starts'
import { BUILD_OPSET, type DeployedForms, NO_BUILD, resolveForms } from '../builds/resolve-build.ts'
import { queueDevices } from '../desired/desired-queue.ts'
import { expandSelectors } from '../groups/group-store.ts'
import { problem, throwProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { deploymentProblem, opsetOf, partsIn, runtimeIn } from '../models/kinds/kinds.ts'
import { resolveVersion } from '../models/version-store.ts'
import { keepPlacing } from '../places/pick-store.ts'
import { insertMembers } from '../rollouts/member-store.ts'
import { isBearable, memberRow } from '../rollouts/membership.ts'
import { sendEvents } from '../rollouts/rollout-step.ts'
import { findRollout, insertRollout, type RolloutRecord } from '../rollouts/rollout-store.ts'
import type { Db, Tx } from '../store/store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { type DeploymentInForce, findDeployment, forgetOldRevisions, putDeployment } from './deployment-store.ts'
import { type Leaver, leaversOf, type OldRollout } from './leavers.ts'
import { type Population, populationOf } from './population.ts'
import { reconcileRivals } from './rivals.ts'
import { cachedSelector } from './selector-cache.ts'

type Scope = { organisationId: OrganisationId; nowMs: number }

type DeployableVersion = Pick<
  DeploymentInForce,
  'version' | 'kind' | 'digest' | 'sizeBytes' | 'opset' | 'runtime' | 'buildId' | 'choices' | 'forms' | 'parts'
>

/** A spec with all its references resolved, and the present deployment of the same name. */
export type PreparedSpec = {
  spec: DeploymentSpec
  /** The selector of the spec with its groups expanded. The plan has its selectors expanded, too. */
  picks: string
  version: DeployableVersion
  plan: RolloutPlan
  waves: CompiledWave[]
  current: DeploymentInForce | undefined
  isChange: boolean
}

/** A spec, and the plan of its rollout: by its strategy, or the plan of a rollback. */
export type WishedSpec = {
  spec: DeploymentSpec
  plan: RolloutPlan
  /** The builds of the classes in the revision to which a rollback returns. */
  choices: readonly ClassBuild[] | undefined
}

/**
 * Resolves the references of the spec. Throws the contract's problem if an object is missing, or a selector is invalid.
 */
export async function prepareSpec(
  db: Db,
  organisationId: OrganisationId,
  { spec, plan: wished, choices: pinned }: WishedSpec,
): Promise<PreparedSpec> {
  const { picks, plan } = await expandWish(db, organisationId, { spec, plan: wished })
  const selector = cachedSelector(picks)
  if (!selector.ok) throwProblem(selector)
  const waves = compileWaves(plan)
  if (!waves.ok) return throwProblem(waves)
  refuseAnalyses(plan)
  const window = windowProblems(spec.strategy)
  if (window !== undefined) throw problem('window_invalid', window)
  const found = await resolveVersion(db, { organisationId, name: spec.deployable }, spec.version)
  if (!found.ok) return throwProblem(found)
  const version = deployableOf(found.version, await resolveForms(db, found.version, { reference: spec.build, pinned }))
  const unfit = deploymentProblem(found.version, spec)
  if (unfit !== undefined) throw problem('input_invalid', unfit)
  const current = await findDeployment(db, organisationId, spec.name)
  const isChange = isMoved(current, version) || !isDeepStrictEqual(current?.spec, spec)
  return { spec, picks, version, plan, waves: waves.waves, current, isChange }
}

/** A wave keeps the selector that its groups had when the rollout began. */
async function expandWish(db: Db, organisationId: OrganisationId, { spec, plan }: Pick<WishedSpec, 'spec' | 'plan'>) {
  const texts = plan.waves.flatMap(({ selector }) => (selector === undefined ? [] : [selector]))
  const expanded = await expandSelectors(db, organisationId, [spec.selector, ...texts])
  const waves = plan.waves.map((wave) =>
    wave.selector === undefined ? wave : { ...wave, selector: expanded(wave.selector) },
  )
  return { picks: expanded(spec.selector), plan: { ...plan, waves } }
}

/** `latest`, an alias, a recipe or the best build may mean something else now. Then the same text is a change. */
const isMoved = (current: DeploymentInForce | undefined, now: DeployableVersion): boolean =>
  current?.version !== now.version || current?.buildId !== now.buildId || !isSameChoice(current?.choices, now.choices)

function refuseAnalyses({ waves }: RolloutPlan): void {
  for (const { name, analysis = [] } of waves) {
    for (const one of analysis) {
      const found = analysisProblem(one)
      if (found !== undefined) throw problem('analysis_invalid', `wave ${name}, analysis ${one.name}: ${found}`)
    }
  }
}

/** A device would wait for such a window for ever, so the hub rejects it. */
function windowProblems({ window }: DeploymentSpec['strategy']): string | undefined {
  for (const [name, one] of Object.entries({ download: window?.download, install: window?.install })) {
    const found = one && windowProblem(one)
    if (found !== undefined) return `the ${name} window is invalid: ${found}`
  }
  return undefined
}

/** The requirements of the version, or of builds of it, on a device. */
export function deployableOf(
  row: VersionTable,
  { build, choices, forms }: DeployedForms = NO_BUILD,
): DeployableVersion {
  const { version, kind } = row
  const { digest, size_bytes: sizeBytes } = build ?? row
  const opset = build || forms.length > 0 ? Math.max(opsetOf(row), BUILD_OPSET) : opsetOf(row)
  return {
    version,
    kind,
    digest,
    sizeBytes,
    opset,
    runtime: runtimeIn(row),
    buildId: build?.id,
    choices,
    forms,
    parts: partsIn(row),
  }
}

export type AppliedDeployment = {
  change: 'created' | 'updated' | 'unchanged'
  deployment: DeploymentInForce
  /** Rollouts to publish after the commit. */
  rolloutIds: RolloutId[]
  /** The devices that lose the model, and the number of devices that have it from now on. */
  leavers: readonly Leaver[]
  picked: number
  /** The deployment before the change; absent if there was none, or nothing changed. */
  before?: DeploymentInForce | undefined
}

type Applying = Scope & {
  spec: DeploymentSpec
  plan?: RolloutPlan
  choices?: readonly ClassBuild[] | undefined
  ifRevision: number | undefined
}

/** Applies the spec, inside a transaction. `ifRevision` 0 requires that no deployment of the name exists yet. */
export async function applyDeployment(
  tx: Tx,
  { ids }: Pick<Hub, 'ids'>,
  { organisationId, nowMs, spec, plan = planRollout(spec.strategy), choices, ifRevision }: Applying,
): Promise<AppliedDeployment> {
  const prepared = await prepareSpec(tx, organisationId, { spec, plan, choices })
  const { current, version, isChange } = prepared
  if (ifRevision !== undefined && ifRevision !== (current?.revision ?? 0)) throw problem('revision_stale')
  if (current && !isChange) {
    return { change: 'unchanged', deployment: current, rolloutIds: [], leavers: [], picked: 0 }
  }
  const deployment: DeploymentInForce = {
    id: current?.id ?? ids.deployment(),
    organisationId,
    name: spec.name,
    createdAtMs: current?.createdAtMs ?? nowMs,
    changedAtMs: nowMs,
    revision: (current?.revision ?? 0) + 1,
    stableRevision: current?.stableRevision,
    rolloutId: ids.rollout(),
    spec,
    picks: prepared.picks,
    deployable: spec.deployable,
    ...version,
  }
  const population = await populationOf(tx, deployment, nowMs)
  const old = await oldRollout(tx, current)
  const leavers = await leaversOf(tx, { current, old, population, nowMs })
  await supersede(tx, { old, revision: deployment.revision, nowMs })
  await putDeployment(tx, deployment)
  await keepPlacing(tx, deployment, { placing: population.placing, nowMs })
  await begin(tx, { deployment, population, old, leavers, prepared, nowMs })
  const rivals = await reconcileRivals(tx, { deployment, devices: devicesOf(population, old), nowMs })
  await forgetOldRevisions(tx, deployment)
  const rolloutIds = [deployment.rolloutId, ...(old ? [old.rollout.id] : []), ...rivals]
  return {
    change: current ? 'updated' : 'created',
    deployment,
    rolloutIds,
    leavers,
    picked: population.picked.length,
    before: current,
  }
}

/** The rollout in force with its devices, except the devices that it has finally left. */
export async function oldRollout(db: Db, current: DeploymentInForce | undefined): Promise<OldRollout | undefined> {
  if (!current) return undefined
  const { organisationId, rolloutId } = current
  const rollout = await findRollout(db, { organisationId, rolloutId })
  if (!rollout) throw new Error(`the deployment's rollout ${rolloutId} is missing`)
  const rows = await db.selectFrom('rollout_members').selectAll().where('rollout_id', '=', rolloutId).execute()
  const kept = rollout.state.status === 'done' ? rows.filter((row) => !hasLeft(rollout.state, row)) : rows
  return { rollout, members: new Map(kept.map((row) => [row.device_id, row])) }
}

type Superseding = { old: OldRollout | undefined; revision: number; nowMs: number }

/** Ends the old rollout. Its state before the change decides to which revision its devices roll back. */
async function supersede(tx: Tx, { old, revision, nowMs }: Superseding): Promise<void> {
  if (!old || isEnded(old.rollout.state)) return
  await sendEvents(tx, old.rollout, [{ kind: 'supersede', revision }], nowMs)
}

type Beginning = {
  deployment: DeploymentInForce
  population: Population
  old: OldRollout | undefined
  leavers: readonly Leaver[]
  prepared: PreparedSpec
  nowMs: number
}

async function begin(tx: Tx, { deployment, population, old, leavers, prepared, nowMs }: Beginning): Promise<void> {
  const { id: deploymentId, organisationId, rolloutId, revision } = deployment
  const { waves } = prepared
  const { window } = deployment.spec.strategy
  const plan = leavers.length === 0 ? prepared.plan : withRemoval(prepared.plan, window?.install)
  const waveOf = assignWaves(waves, { deployment: deployment.name, candidates: population.picked })
  const leaving = new Set(leavers.map(({ deviceId }) => deviceId))
  for (const deviceId of leaving) waveOf.set(deviceId, waves.length)
  // Devices that run the deployment and cannot run this version keep their present one: they are held past the last
  // wave.
  for (const { id, problem: refusal } of population.refused) {
    if (old?.members.has(id) && isBearable(refusal)) waveOf.set(id, plan.waves.length)
  }
  const known = [...population.picked, ...leavers]
  const groups = new Map(known.map(({ deviceId, facts }) => [deviceId, groupOf(plan.budget, facts)]))
  const rows = [...waveOf].map(([deviceId, wave]) =>
    memberRow({
      organisationId,
      rolloutId,
      deviceId,
      wave,
      budgetGroup: groups.get(deviceId) ?? '',
      previousRevision: previousRevisionOf(old, deploymentId, deviceId),
      isLeaving: leaving.has(deviceId),
    }),
  )
  const sizes = plan.waves.map((_, index) => rows.filter(({ wave }) => wave === index).length)
  const rollout: RolloutRecord = {
    id: rolloutId,
    organisation_id: organisationId,
    deployment_id: deploymentId,
    revision,
    state: startRollout(plan, sizes, nowMs),
    plan,
    sequence: 0,
    created_at_ms: nowMs,
    changed_at_ms: nowMs,
  }
  await insertRollout(tx, rollout)
  await insertMembers(tx, rows)
  await keepConflicts(tx, deployment, population)
  await queueDevices(tx, organisationId, affectedBy(old, waveOf))
  await sendEvents(tx, rollout, [{ kind: 'tick' }], nowMs)
}

function previousRevisionOf(
  old: OldRollout | undefined,
  deploymentId: RolloutRecord['deployment_id'],
  deviceId: DeviceId,
) {
  const member = old?.members.get(deviceId)
  if (!old || !member) return undefined
  const { rollout } = old
  return lastGoodRevision({
    deploymentId,
    rollout: rollout.state,
    revision: rollout.revision,
    member: { ...member, previousRevision: member.previous_revision ?? undefined },
  })
}

/**
 * Devices that the deployment leaves, and devices on their way to a revision that they will not get now. Offers queue
 * their devices themselves.
 */
function affectedBy(old: OldRollout | undefined, waveOf: ReadonlyMap<DeviceId, number>): DeviceId[] {
  const rows = [...(old?.members.values() ?? [])]
  return rows.filter((row) => !waveOf.has(row.device_id) || row.outcome !== 'healthy').map((row) => row.device_id)
}

async function keepConflicts(
  tx: Tx,
  { id, organisationId }: DeploymentInForce,
  { refused }: Population,
): Promise<void> {
  await tx.deleteFrom('deployment_conflicts').where('deployment_id', '=', id).execute()
  for (const device of refused) {
    if (device.problem.code !== 'model_owned') continue
    const row = { deployment_id: id, device_id: device.id, organisation_id: organisationId }
    await tx.insertInto('deployment_conflicts').values(row).execute()
  }
}

const devicesOf = ({ picked }: Population, old: OldRollout | undefined): Set<DeviceId> =>
  new Set([...picked.map(({ deviceId }) => deviceId), ...(old?.members.keys() ?? [])])
