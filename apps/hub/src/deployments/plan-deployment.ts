/**
 * Plan deployment: computes the effect of a deployment before it starts: the affected devices, the bytes to transfer,
 * and the minimum duration.
 */
import type { ClassBuild } from '@skerry/contract/builds/measurement'
import type { CautionCode, DeploymentPlan, DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { cautionsOf, cautionWords } from '@skerry/core/deployments/plan-cautions'
import { downloadHold, installHold } from '@skerry/core/device/update-hold'
import { isPlaced } from '@skerry/core/places/place'
import { placeReason } from '@skerry/core/places/place-text'
import { groupOf } from '@skerry/core/rollouts/offer-budget'
import { leastSeconds, stuckGroups } from '@skerry/core/rollouts/rollout-forecast'
import { assignWaves, planRollout, type RolloutPlan } from '@skerry/core/rollouts/waves'
import { windowStart } from '@skerry/platform/process/window-starts'
import type { Hub } from '../hub.ts'
import { refuseUntrustedVersion } from '../trust/version-trust.ts'
import { oldRollout, type PreparedSpec, prepareSpec } from './apply-deployment.ts'
import { movedBytes } from './forms/moved-bytes.ts'
import { plannedContents, plannedForms } from './forms/planned-contents.ts'
import { hostAccessCautions } from './host-access-cautions.ts'
import { leaversOf, leavesOf } from './leavers.ts'
import { ownedNames, type PickedDevice, type Population, populationOf, type RefusedDevice } from './population.ts'
import { refuseUnfit } from './refuse-unfit.ts'
import { refusedVersionCautions } from './refused-version.ts'

/** The maximum of names in a list; the contract cuts its lists there. */
const NAMES_MAX = 500

type Planning = {
  spec: DeploymentSpec
  rollout?: RolloutPlan
  choices?: readonly ClassBuild[] | undefined
  /** A version that comes back needs no new test result. */
  isRollback?: boolean
}

/** Computes the plan and the selected devices; changes nothing. */
export async function planDeployment(
  hub: Hub,
  organisationId: OrganisationId,
  { spec, rollout = planRollout(spec.strategy), choices, isRollback = false }: Planning,
): Promise<{ plan: DeploymentPlan; picked: readonly PickedDevice[]; version: PreparedSpec['version'] }> {
  const { store, clock, ids } = hub
  const prepared = await prepareSpec(store.db, organisationId, { spec, plan: rollout, choices })
  const { current, version, waves, plan, isChange } = prepared
  const nowMs = clock.nowMs()
  const deployment = {
    id: current?.id ?? ids.deployment(),
    createdAtMs: current?.createdAtMs ?? nowMs,
    organisationId,
    spec,
    picks: prepared.picks,
    deployable: spec.deployable,
    ...version,
  }
  if (isChange) await refuseUntrustedVersion(store.db, hub, deployment)
  if (isChange && !isRollback) await refuseUnfit(store.db, hub, deployment)
  const population = await populationOf(store.db, deployment, nowMs)
  const { picked, refused } = population
  const old = isChange ? await oldRollout(store.db, current) : undefined
  const leavers = await leaversOf(store.db, { current, old, population, nowMs })
  const contents = await plannedContents(store.db, deployment)
  const bytesFor = await movedBytes(hub, { organisationId, names: ownedNames(deployment), contents })
  const waveOf = assignWaves(waves, { deployment: spec.name, candidates: picked })
  const byWave = Map.groupBy(picked, ({ deviceId }) => waveOf.get(deviceId))
  const sizes = waves.map((_, index) => byWave.get(index)?.length ?? 0)
  const seconds = leastSeconds(plan, { sizes, probationSeconds: spec.probation.seconds })
  const planned = waves.map(({ name }, index) => {
    const devices = byWave.get(index) ?? []
    const bytes = devices.reduce((sum, device) => sum + bytesFor(device), 0)
    return { name, count: devices.length, devices: named(devices), bytes, minSeconds: seconds[index] ?? 0 }
  })
  const stuck = plan.budget ? stuckGroups(plan.budget, groupsOf(picked, plan.budget)) : []
  const shown = {
    change: changeOf(current, isChange),
    version: version.version,
    ...(current && { versionNow: current.version }),
    leaves: leavesOf(leavers),
    waves: planned,
    ...refusalsOf([...refused, ...unplacedOf(spec.placement, population)]),
    cautions: [
      ...(isChange ? await refusedVersionCautions(store.db, deployment) : []),
      ...(await hostAccessCautions(store.db, { ...deployment, devices: named(picked), count: picked.length })),
      ...windowCautions(picked, spec, nowMs),
      ...cautionsIn(picked, (device) => contents.of(device).modelBytes * spec.serving.instances, spec),
    ],
    stuckGroups: stuck.slice(0, NAMES_MAX),
    stuckGroupCount: stuck.length,
    ...(version.choices && { forms: plannedForms(picked, contents) }),
    bytesPerDevice: Math.max(...contents.all.map(({ sizeBytes }) => sizeBytes)),
    bytes: planned.reduce((sum, { bytes }) => sum + bytes, 0),
    minSeconds: seconds.reduce((sum, each) => sum + each, 0),
  }
  return { plan: shown, picked, version }
}

function changeOf(current: PreparedSpec['current'], isChange: boolean): DeploymentPlan['change'] {
  if (!current) return 'create'
  return isChange ? 'update' : 'none'
}

const named = (devices: readonly PickedDevice[]) =>
  devices.slice(0, NAMES_MAX).map(({ deviceId, name, site }) => ({ id: deviceId, name, site }))

/** The devices that the selector picks, and the placement policy does not. */
function unplacedOf(policy: DeploymentSpec['placement'], { placing }: Population): RefusedDevice[] {
  if (!policy || !placing) return []
  return placing.candidates
    .filter((one) => !isPlaced(one))
    .map((one) => {
      const { id, name, site } = one.candidate
      const detail = placeReason(policy, one)
      return { id, name, site: site.name, problem: { check: 'placement', passed: false, code: one.verdict, detail } }
    })
}

function refusalsOf(refused: readonly RefusedDevice[]) {
  const counts = new Map<string, number>()
  for (const { problem } of refused) counts.set(problem.code, (counts.get(problem.code) ?? 0) + 1)
  return {
    refused: refused
      .slice(0, NAMES_MAX)
      .map(({ problem: { code, detail }, ...device }) => ({ ...device, code, message: detail })),
    refusedCount: refused.length,
    refusals: [...counts].map(([code, count]) => ({ code, count })).sort((a, b) => b.count - a.count),
  }
}

/** A window that is closed now, for all selected devices. Each device judges again by its own clock. */
function windowCautions(
  picked: readonly PickedDevice[],
  { strategy }: DeploymentSpec,
  timeMs: number,
): DeploymentPlan['cautions'] {
  const facts = { timeMs, windowStart, locks: [] }
  const holds = [downloadHold(strategy, facts), installHold(strategy, facts)].filter((hold) => hold !== undefined)
  if (holds.length === 0 || picked.length === 0) return []
  const code = 'window_waits'
  const message = `${cautionWords[code]}: ${holds.map(({ cause }) => cause.message).join('; ')}`
  return [{ code, message, count: picked.length, devices: named(picked) }]
}

function cautionsIn(
  picked: readonly PickedDevice[],
  memoryBytesOf: (device: PickedDevice) => number,
  { strategy }: DeploymentSpec,
): DeploymentPlan['cautions'] {
  const byCode = new Map<CautionCode, PickedDevice[]>()
  for (const device of picked) {
    const { facts, conditions, isConnected: online } = device
    const codes = cautionsOf({ device: { ...facts.device, online }, conditions, memoryBytes: memoryBytesOf(device) })
    for (const code of codes.filter((one) => one !== 'update_locked' || !strategy.ignoreLocks))
      byCode.set(code, [...(byCode.get(code) ?? []), device])
  }
  return [...byCode]
    .map(([code, devices]) => ({
      code,
      message: cautionWords[code],
      count: devices.length,
      devices: named(devices),
    }))
    .sort((a, b) => b.count - a.count)
}

function groupsOf(picked: readonly PickedDevice[], budget: NonNullable<PreparedSpec['plan']['budget']>) {
  const groups = new Map<string, number>()
  for (const { facts } of picked) {
    const group = groupOf(budget, facts)
    groups.set(group, (groups.get(group) ?? 0) + 1)
  }
  return groups
}
