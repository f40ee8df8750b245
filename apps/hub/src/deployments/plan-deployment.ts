/**
 * Plan deployment: computes the effect of a deployment before it starts: the affected devices, the bytes to transfer,
 * and the minimum duration.
 */
import type { CautionCode, DeploymentPlan, DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import type { Digest } from '@skerry/contract/values/digest'
import type { BuildId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { cautionsOf, cautionWords } from '@skerry/core/deployments/plan-cautions'
import { downloadHold, installHold } from '@skerry/core/device/update-hold'
import { groupOf } from '@skerry/core/rollouts/offer-budget'
import { leastSeconds, stuckGroups } from '@skerry/core/rollouts/rollout-forecast'
import { assignWaves, planRollout, type RolloutPlan } from '@skerry/core/rollouts/waves'
import { windowStart } from '@skerry/platform/process/window-starts'
import { buildContent } from '../builds/resolve-build.ts'
import type { Hub } from '../hub.ts'
import { filesOf, resolveVersion } from '../models/version-store.ts'
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
  const files = await wantedFiles(store.db, deployment)
  const held = await heldBytes(store.db, organisationId, files)
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
      ...cautionsIn(picked, modelBytesOf(files) * spec.serving.instances, spec),
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

type Wanted = { organisationId: OrganisationId; deployable: string; version: number; buildId: BuildId | undefined }
type WantedFile = { path: string; digest: Digest; sizeBytes: number }

/** The files that each device will have: of the build, or of the version itself. */
async function wantedFiles(db: Db, { organisationId, deployable, version, buildId }: Wanted): Promise<WantedFile[]> {
  if (buildId !== undefined) return (await buildContent(db, buildId))?.files ?? []
  const found = await resolveVersion(db, { organisationId, name: deployable }, String(version))
  return found.ok ? filesOf(db, found.version.id) : []
}

/** The size of the files that a runtime loads. */
const modelBytesOf = (files: readonly WantedFile[]) =>
  files.reduce((sum, { path, sizeBytes }) => sum + (path === GOLDEN_PATH ? 0 : sizeBytes), 0)

/** The bytes of these files that devices hold already, because they serve a version or a build with the same files. */
async function heldBytes(
  db: Db,
  organisationId: OrganisationId,
  files: readonly WantedFile[],
): Promise<ReadonlyMap<DeviceId, number>> {
  const digests = files.map(({ digest }) => digest)
  if (digests.length === 0) return new Map()
  const [versions, builds] = await Promise.all([
    servedVersionFiles(db, organisationId, digests).execute(),
    servedBuildFiles(db, organisationId, digests).execute(),
  ])
  const sizes = new Map(files.map(({ digest, sizeBytes }) => [digest, sizeBytes]))
  const held = new Map<DeviceId, number>()
  for (const { device_id, digest } of [...versions, ...builds])
    held.set(device_id, (held.get(device_id) ?? 0) + (sizes.get(digest) ?? 0))
  return held
}

const servedVersionFiles = (db: Db, organisationId: OrganisationId, digests: readonly Digest[]) =>
  db
    .selectFrom('version_files as file')
    .innerJoin('versions as holding', 'holding.id', 'file.version_id')
    .innerJoin('device_items as item', (join) =>
      join
        .onRef('item.organisation_id', '=', 'holding.organisation_id')
        .onRef('item.serving_digest', '=', 'holding.digest'),
    )
    .select(['item.device_id', 'file.digest'])
    .distinct()
    .where('file.organisation_id', '=', organisationId)
    .where('file.digest', 'in', digests)

const servedBuildFiles = (db: Db, organisationId: OrganisationId, digests: readonly Digest[]) =>
  db
    .selectFrom('build_files as file')
    .innerJoin('builds as holding', 'holding.id', 'file.build_id')
    .innerJoin('device_items as item', (join) =>
      join
        .onRef('item.organisation_id', '=', 'holding.organisation_id')
        .onRef('item.serving_digest', '=', 'holding.digest'),
    )
    .select(['item.device_id', 'file.digest'])
    .distinct()
    .where('file.organisation_id', '=', organisationId)
    .where('file.digest', 'in', digests)
