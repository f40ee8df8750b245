/** Apply deployment: makes a deployment be as described; a change is a new revision with a rollout of its own. */
import { isDeepStrictEqual } from 'node:util'
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { DeviceId, OrganisationId, RolloutId } from '@skerry/contract/values/ids'
import { analysisProblem } from '@skerry/core/analysis/analysis-conditions'
import { lastGoodRevision } from '@skerry/core/devices/desired'
import { rulesOf } from '@skerry/core/kinds/kinds'
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
import { queueDevices } from '../desired/desired-queue.ts'
import { problem, throwProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { opsetOf } from '../models/kinds/kinds.ts'
import { resolveVersion } from '../models/version-store.ts'
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

type DeployableVersion = Pick<DeploymentInForce, 'version' | 'kind' | 'digest' | 'sizeBytes' | 'opset'>

/** A spec with everything that it names looked up, and the deployment that has its name now. */
export type PreparedSpec = {
  spec: DeploymentSpec
  version: DeployableVersion
  plan: RolloutPlan
  waves: CompiledWave[]
  current: DeploymentInForce | undefined
  isChange: boolean
}

/** Looks up what the spec names. Throws the contract's problem where something is not there, or is no selector. */
export async function prepareSpec(db: Db, organisationId: OrganisationId, spec: DeploymentSpec): Promise<PreparedSpec> {
  const selector = cachedSelector(spec.selector)
  if (!selector.ok) throwProblem(selector)
  const plan = planRollout(spec.strategy)
  const waves = compileWaves(plan)
  if (!waves.ok) return throwProblem(waves)
  refuseAnalyses(plan)
  const window = windowProblems(spec.strategy)
  if (window !== undefined) throw problem('window_invalid', window)
  const found = await resolveVersion(db, { organisationId, model: spec.model }, spec.version)
  if (!found.ok) return throwProblem(found)
  const version = deployableOf(found.version)
  const unfit = rulesOf(version.kind).deploymentProblem(spec)
  if (unfit !== undefined) throw problem('input_invalid', unfit)
  const current = await findDeployment(db, organisationId, spec.name)
  // What `latest` or an alias means may have moved since: then the same text is a change.
  const isChange = !current || current.version !== version.version || !isDeepStrictEqual(current.spec, spec)
  return { spec, version, plan, waves: waves.waves, current, isChange }
}

function refuseAnalyses({ waves }: RolloutPlan): void {
  for (const { name, analysis = [] } of waves) {
    for (const one of analysis) {
      const found = analysisProblem(one)
      if (found !== undefined) throw problem('analysis_invalid', `wave ${name}, analysis ${one.name}: ${found}`)
    }
  }
}

/** A device would wait for such a window for ever, so it is refused here. */
function windowProblems({ window }: DeploymentSpec['strategy']): string | undefined {
  for (const [name, one] of Object.entries({ download: window?.download, install: window?.install })) {
    const found = one && windowProblem(one)
    if (found !== undefined) return `the ${name} window is invalid: ${found}`
  }
  return undefined
}

/** What the version needs of a device. */
export function deployableOf(row: VersionTable): DeployableVersion {
  const { version, kind, digest } = row
  return { version, kind, digest, sizeBytes: row.size_bytes, opset: opsetOf(row) }
}

export type AppliedDeployment = {
  change: 'created' | 'updated' | 'unchanged'
  deployment: DeploymentInForce
  /** Rollouts to publish after the commit. */
  rolloutIds: RolloutId[]
  /** The devices that lose the model, and how many have it from now on. */
  leavers: readonly Leaver[]
  picked: number
}

/** Applies the spec, inside a transaction. `ifRevision` 0 means that there shall be none of the name yet. */
export async function applyDeployment(
  tx: Tx,
  { ids }: Pick<Hub, 'ids'>,
  { organisationId, nowMs, spec, ifRevision }: Scope & { spec: DeploymentSpec; ifRevision: number | undefined },
): Promise<AppliedDeployment> {
  const prepared = await prepareSpec(tx, organisationId, spec)
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
    model: spec.model,
    ...version,
  }
  const population = await populationOf(tx, deployment, nowMs)
  const old = await oldRollout(tx, current)
  const leavers = await leaversOf(tx, { current, old, population, nowMs })
  await supersede(tx, { old, revision: deployment.revision, nowMs })
  await putDeployment(tx, deployment)
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
  }
}

/** The rollout in force, with its devices; without those that it has given up for good. */
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

/** Judged by where the old one stood before: what it has brought and proved is what its devices fall back to. */
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
  // Devices that run the deployment and cannot run this version keep what they have: they are held past the last wave.
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

/** Devices that the deployment leaves, and those that were under way to a revision that they now do not get. Offers queue themselves. */
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
