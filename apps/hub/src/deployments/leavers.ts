/** Leavers: the devices that lose a model because a new revision of its deployment no longer selects them. */
import type { DeploymentPlan } from '@skerry/contract/deployments/deployment'
import type { DeviceId } from '@skerry/contract/values/ids'
import { leaveWords } from '@skerry/core/deployments/leave-words'
import { lastGoodRevision, offeredRevision } from '@skerry/core/devices/desired'
import { hasLeft } from '@skerry/core/rollouts/rollout-state'
import type { SelectorFacts } from '@skerry/core/selectors/selector'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { factsOf, findDevicesById } from '../devices/device-store.ts'
import { problem } from '../http/problem.ts'
import type { RolloutRecord } from '../rollouts/rollout-store.ts'
import type { Db } from '../store/store.ts'
import type { RolloutMemberTable } from '../store/tables/deployment-tables.ts'
import type { DeploymentInForce } from './deployment-store.ts'
import type { Population } from './population.ts'

/** The rollout that was in force until now, with its devices. */
export type OldRollout = { rollout: RolloutRecord; members: ReadonlyMap<DeviceId, RolloutMemberTable> }

export type Leaver = { deviceId: DeviceId; name: string; site: string; facts: SelectorFacts }

/** Devices whose rows one query reads: far below the limit of names in one statement. */
const DEVICES_AT_ONCE = 1_000

type Leaving = {
  current: Pick<DeploymentInForce, 'id' | 'stableRevision'> | undefined
  old: OldRollout | undefined
  population: Population
  nowMs: number
}

/** Sorted by name. A revoked device, and one that another deployment owns, leaves by itself and is not included. */
export async function leaversOf(db: Db, { current, old, population, nowMs }: Leaving): Promise<Leaver[]> {
  if (!current || !old) return []
  const staying = new Set(population.picked.map(({ deviceId }) => deviceId))
  for (const { id, problem: refusal } of population.refused) if (refusal.code !== 'selector_failed') staying.add(id)
  const ids = [...old.members.values()]
    .filter((row) => !staying.has(row.device_id) && isRunning(row, { current, old }))
    .map((row) => row.device_id)
  const leavers: Leaver[] = []
  for (let start = 0; start < ids.length; start += DEVICES_AT_ONCE) {
    for (const row of await findDevicesById(db, ids.slice(start, start + DEVICES_AT_ONCE))) {
      leavers.push({ deviceId: row.id, name: row.name, site: row.site, facts: factsOf(row, nowMs) })
    }
  }
  return leavers.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Whether the deployment has given the device an item to run up to now. */
function isRunning(
  row: RolloutMemberTable,
  { current, old: { rollout } }: { current: Pick<DeploymentInForce, 'id' | 'stableRevision'>; old: OldRollout },
): boolean {
  if (hasLeft(rollout.state, row)) return false
  const claim = {
    deploymentId: current.id,
    rollout: rollout.state,
    revision: rollout.revision,
    member: { ...row, previousRevision: row.previous_revision ?? undefined },
    stableRevision: current.stableRevision,
  }
  return (offeredRevision(claim) ?? lastGoodRevision(claim)) !== undefined
}

/** The maximum of names in a plan; the contract cuts its lists there. */
const NAMES_MAX = 500

/**
 * The leavers as a plan shows them. The digest stands for exactly these devices, so that a person confirms exactly the
 * devices that leave.
 */
export function leavesOf(leavers: readonly Leaver[]): DeploymentPlan['leaves'] {
  return {
    count: leavers.length,
    devices: leavers.slice(0, NAMES_MAX).map(({ deviceId, name, site }) => ({ id: deviceId, name, site })),
    ...(leavers.length > 0 && { digest: leaversDigest(leavers) }),
  }
}

const leaversDigest = (leavers: readonly Leaver[]) =>
  digestOf(canonicalJson(leavers.map(({ deviceId }) => deviceId).sort()))

type Seen = { acknowledged: string | undefined; deployable: string; picked: number }

/**
 * No device loses a model without confirmation. Throws the contract's problem if the confirmed devices differ from the
 * leavers.
 */
export function refuseUnseenLeaves(leavers: readonly Leaver[], { acknowledged, deployable, picked }: Seen): void {
  if (leavers.length === 0 || acknowledged === leaversDigest(leavers)) return
  const words = leaveWords({ count: leavers.length, names: leavers.map(({ name }) => name), deployable, picked })
  const reason = acknowledged === undefined ? 'this is not confirmed' : 'the confirmation is for other devices'
  throw problem(
    'leaves_unacknowledged',
    `this would ${words}, and ${reason}; look at the plan ("skerry deploy --dry-run"), then send its leaves.digest as acknowledgedLeaves`,
  )
}
