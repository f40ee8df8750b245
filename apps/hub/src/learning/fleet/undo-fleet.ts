/**
 * Undo fleet: takes the detectors of an order off their devices. A deployment that had another version before returns to
 * it; the others are removed. An interrupted undo goes on when it is called again.
 */
import type { LearningFleetUndone } from '@skerry/contract/learning/learning-fleet'
import { alarmFlowName } from '@skerry/core/learning/alarm-flow'
import { appendAudit } from '../../audit/audit-store.ts'
import { type DeploymentInForce, findDeployment } from '../../deployments/deployment-store.ts'
import { removeDeployment } from '../../deployments/remove-deployment.ts'
import { rollBackDeployment } from '../../deployments/rollback-deployment.ts'
import { isProblem } from '../../http/problem.ts'
import type { Hub } from '../../hub.ts'
import { publishRollouts } from '../../rollouts/publish-rollouts.ts'
import { fromJson } from '../../store/json-column.ts'
import type { Tx } from '../../store/store.ts'
import type { LearningFleetTable, LearningTable, TogetherState } from '../../store/tables/learning/learning-tables.ts'
import { HUB, isLasting } from '../finish-learning.ts'

/** Each device on its own: the failure of one leaves the others undone all the same, and is named. */
export async function undoLearnings(hub: Hub, rows: readonly LearningTable[]): Promise<LearningFleetUndone> {
  const result: LearningFleetUndone = { undone: [], unchanged: [], failed: [] }
  for (const row of rows) {
    const { device } = fromJson(row.spec)
    try {
      result[(await undoLearning(hub, row)) ? 'undone' : 'unchanged'].push(device)
    } catch (error) {
      if (!isLasting(error)) throw error
      result.failed.push({ device, reason: error.message.slice(0, 1_000) })
    }
  }
  return result
}

/** The devices of a joint detector have one deployment. */
export async function undoJoint(
  hub: Hub,
  { name, organisation_id }: LearningFleetTable,
  rows: readonly LearningTable[],
  { modelVersion, flowVersion }: TogetherState,
): Promise<LearningFleetUndone> {
  const devices = rows.map((row): string => fromJson(row.spec).device)
  const joint = {
    name,
    organisation_id,
    model_version: modelVersion ?? null,
    flow_version: flowVersion ?? null,
  }
  try {
    const isUndone = await undoLearning(hub, joint)
    return { undone: isUndone ? devices : [], unchanged: isUndone ? [] : devices, failed: [] }
  } catch (error) {
    if (!isLasting(error)) throw error
    const reason = error.message.slice(0, 1_000)
    return { undone: [], unchanged: [], failed: devices.map((device) => ({ device, reason })) }
  }
}

type Deployed = Pick<LearningTable, 'name' | 'organisation_id' | 'model_version' | 'flow_version'>

/** Whether the detector was deployed. */
async function undoLearning(hub: Hub, row: Deployed): Promise<boolean> {
  const { name, model_version: modelVersion, flow_version: flowVersion } = row
  if (modelVersion === null || flowVersion === null) return false
  const changed = await hub.store.transaction(async (tx) => {
    const model = await deployedAs(tx, row, { name, version: modelVersion })
    if (!model) return undefined
    const alarm = await deployedAs(tx, row, { name: alarmFlowName(name), version: flowVersion })
    const isBack = await undoOne(tx, hub, model, 'roll back or remove')
    // The alarm of the same tags has the same bytes, and so the same version. It stays if an earlier detector comes back.
    const alarmBack = alarm && (await undoOne(tx, hub, alarm, isBack.isEarlier ? 'roll back' : 'remove'))
    return [...isBack.rolloutIds, ...(alarmBack?.rolloutIds ?? [])]
  })
  publishRollouts(hub, changed ?? [])
  if (changed) hub.bus.publish('audit.appended', row.organisation_id)
  return changed !== undefined
}

async function deployedAs(
  tx: Tx,
  { organisation_id: organisationId }: Deployed,
  { name, version }: { name: string; version: number },
): Promise<DeploymentInForce | undefined> {
  const deployment = await findDeployment(tx, organisationId, name)
  return deployment?.deployable === name && deployment.version === version ? deployment : undefined
}

type Way = 'roll back or remove' | 'roll back' | 'remove'
type Undone = { isEarlier: boolean; rolloutIds: Awaited<ReturnType<typeof removeDeployment>>['rolloutIds'] }

async function undoOne(tx: Tx, hub: Hub, deployment: DeploymentInForce, way: Way): Promise<Undone> {
  if (way !== 'remove') {
    const back = await rolledBack(tx, hub, deployment)
    if (back) return back
    if (way === 'roll back') return { isEarlier: true, rolloutIds: [] }
  }
  const removed = await removeDeployment(tx, deployment, hub.clock.nowMs())
  await note(tx, hub, deployment, { action: 'deployment.remove', detail: { version: deployment.version } })
  return { isEarlier: false, rolloutIds: removed.rolloutIds }
}

/** Undefined if there is no earlier version that ran well. */
async function rolledBack(tx: Tx, hub: Hub, deployment: DeploymentInForce): Promise<Undone | undefined> {
  try {
    const wish = { deployment, scope: undefined, to: undefined, ifRevision: deployment.revision }
    const { rollbackTo, rolloutIds, deployment: now } = await rollBackDeployment(tx, hub, wish)
    await note(tx, hub, deployment, { action: 'deployment.rollback', detail: { to: rollbackTo, version: now.version } })
    return { isEarlier: true, rolloutIds }
  } catch (error) {
    if (isProblem(error) && error.code === 'rollback_target_missing') return undefined
    throw error
  }
}

type Noted = { action: string; detail: Record<string, number> }

const note = (tx: Tx, hub: Hub, { organisationId, name }: DeploymentInForce, { action, detail }: Noted) =>
  appendAudit(tx, {
    organisationId,
    atMs: hub.clock.nowMs(),
    actor: HUB,
    action,
    object: { kind: 'deployment', id: name },
    result: 'ok',
    detail,
  })
