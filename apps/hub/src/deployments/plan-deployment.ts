/**
 * Plan deployment: computes the effect of a deployment before it starts: the affected devices, the bytes to transfer,
 * and the minimum duration.
 */
import type { CautionCode, DeploymentPlan, DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { cautionsOf, cautionWords } from '@skerry/core/deployments/plan-cautions'
import { downloadHold, installHold } from '@skerry/core/device/update-hold'
import { groupOf } from '@skerry/core/rollouts/offer-budget'
import { leastSeconds, stuckGroups } from '@skerry/core/rollouts/rollout-forecast'
import { assignWaves, planRollout, type RolloutPlan } from '@skerry/core/rollouts/waves'
import { windowStart } from '@skerry/platform/process/window-starts'
import type { Hub } from '../hub.ts'
import type { Db } from '../store/store.ts'
import { refuseUntrustedVersion } from '../trust/version-trust.ts'
import { oldRollout, type PreparedSpec, prepareSpec } from './apply-deployment.ts'
import { leaversOf, leavesOf } from './leavers.ts'
import { type PickedDevice, populationOf, type RefusedDevice } from './population.ts'
import { refusedVersionCautions } from './refused-version.ts'

/** The maximum of names in a list; the contract cuts its lists there. */
const NAMES_MAX = 500

type Planning = { spec: DeploymentSpec; rollout?: RolloutPlan }

/** Computes the plan and the selected devices; changes nothing. */
export async function planDeployment(
  hub: Hub,
  organisationId: OrganisationId,
  { spec, rollout = planRollout(spec.strategy) }: Planning,
): Promise<{ plan: DeploymentPlan; picked: readonly PickedDevice[] }> {
  const { store, clock, ids } = hub
  const prepared = await prepareSpec(store.db, organisationId, { spec, plan: rollout })
  const { current, version, waves, plan, isChange } = prepared
  const nowMs = clock.nowMs()
  const deployment = {
    id: current?.id ?? ids.deployment(),
    createdAtMs: current?.createdAtMs ?? nowMs,
    organisationId,
    spec,
    deployable: spec.deployable,
    ...version,
  }
  if (isChange) await refuseUntrustedVersion(store.db, hub, deployment)
  const population = await populationOf(store.db, deployment, nowMs)
  const { picked, refused } = population
  const old = isChange ? await oldRollout(store.db, current) : undefined
  const leavers = await leaversOf(store.db, { current, old, population, nowMs })
  const files = await filesOf(store.db, deployment)
  const held = await heldBytes(store.db, deployment)
  const waveOf = assignWaves(waves, { deployment: spec.name, candidates: picked })
  const byWave = Map.groupBy(picked, ({ deviceId }) => waveOf.get(deviceId))
  const sizes = waves.map((_, index) => byWave.get(index)?.length ?? 0)
  const seconds = leastSeconds(plan, { sizes, probationSeconds: spec.probation.seconds })
  const planned = waves.map(({ name }, index) => {
    const devices = byWave.get(index) ?? []
    const bytes = devices.reduce((sum, { deviceId }) => sum + version.sizeBytes - (held.get(deviceId) ?? 0), 0)
    return { name, count: devices.length, devices: named(devices), bytes, minSeconds: seconds[index] ?? 0 }
  })
  const stuck = plan.budget ? stuckGroups(plan.budget, groupsOf(picked, plan.budget)) : []
  const shown = {
    change: changeOf(current, isChange),
    version: version.version,
    ...(current && { versionNow: current.version }),
    leaves: leavesOf(leavers),
    waves: planned,
    ...refusalsOf(refused),
    cautions: [
      ...(isChange ? await refusedVersionCautions(store.db, deployment) : []),
      ...windowCautions(picked, spec, nowMs),
      ...cautionsIn(picked, files.modelBytes * spec.serving.instances, spec),
    ],
    stuckGroups: stuck.slice(0, NAMES_MAX),
    stuckGroupCount: stuck.length,
    bytesPerDevice: version.sizeBytes,
    bytes: planned.reduce((sum, { bytes }) => sum + bytes, 0),
    minSeconds: seconds.reduce((sum, each) => sum + each, 0),
  }
  return { plan: shown, picked }
}

function changeOf(current: PreparedSpec['current'], isChange: boolean): DeploymentPlan['change'] {
  if (!current) return 'create'
  return isChange ? 'update' : 'none'
}

const named = (devices: readonly PickedDevice[]) =>
  devices.slice(0, NAMES_MAX).map(({ deviceId, name, site }) => ({ id: deviceId, name, site }))

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
  memoryBytes: number,
  { strategy }: DeploymentSpec,
): DeploymentPlan['cautions'] {
  const byCode = new Map<CautionCode, PickedDevice[]>()
  for (const device of picked) {
    const { facts, conditions } = device
    const codes = cautionsOf({ device: facts.device, conditions, memoryBytes })
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

type Versioned = { organisationId: OrganisationId; deployable: string; version: number }

/** The size of the files that a runtime loads. */
async function filesOf(db: Db, wanted: Versioned): Promise<{ modelBytes: number }> {
  const rows = await filesIn(db, wanted).select(['file.path', 'file.size_bytes']).execute()
  return { modelBytes: rows.reduce((sum, { path, size_bytes }) => sum + (path === GOLDEN_PATH ? 0 : size_bytes), 0) }
}

/** The bytes of the version's files that devices already hold, because they serve a version with the same files. */
async function heldBytes(db: Db, wanted: Versioned): Promise<ReadonlyMap<DeviceId, number>> {
  const rows = await filesIn(db, wanted)
    .innerJoin('version_files as same', (join) =>
      join.onRef('same.organisation_id', '=', 'file.organisation_id').onRef('same.digest', '=', 'file.digest'),
    )
    .innerJoin('versions as holding', 'holding.id', 'same.version_id')
    .innerJoin('device_items as item', (join) =>
      join
        .onRef('item.organisation_id', '=', 'holding.organisation_id')
        .onRef('item.serving_digest', '=', 'holding.digest'),
    )
    .select(['item.device_id', 'file.digest', 'file.size_bytes'])
    .distinct()
    .execute()
  const held = new Map<DeviceId, number>()
  for (const { device_id, size_bytes } of rows) held.set(device_id, (held.get(device_id) ?? 0) + size_bytes)
  return held
}

const filesIn = (db: Db, { organisationId, deployable, version }: Versioned) =>
  db
    .selectFrom('versions')
    .innerJoin('version_files as file', 'file.version_id', 'versions.id')
    .where('versions.organisation_id', '=', organisationId)
    .where('versions.name', '=', deployable)
    .where('versions.version', '=', version)
