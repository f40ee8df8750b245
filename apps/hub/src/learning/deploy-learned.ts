/** Deploy learned: the device that learned gets the detector and its alarm, by ordinary deployments. */
import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { alarmFlowName } from '@skerry/core/learning/alarm-flow'
import { appendAudit } from '../audit/audit-store.ts'
import { applyDeployment } from '../deployments/apply-deployment.ts'
import { findDeployment } from '../deployments/deployment-store.ts'
import { refuseUnfit } from '../deployments/refuse-unfit.ts'
import type { Hub } from '../hub.ts'
import { publishRollouts } from '../rollouts/publish-rollouts.ts'
import { fromJson } from '../store/json-column.ts'
import type { LearningTable } from '../store/tables/learning/learning-tables.ts'

type Versions = { modelVersion: number; flowVersion: number }

type Owner = {
  organisationId: OrganisationId
  learning: string
  /** Of a new deployment. */
  selector: string
  /** A deployment of the name gets the selector, too. Otherwise it keeps its own settings. */
  isForced?: boolean
}

/** A deployment of the name keeps its own settings, and gets the new version. */
export async function deployLearned(hub: Hub, row: LearningTable, versions: Versions): Promise<void> {
  const owner = {
    organisationId: row.organisation_id,
    learning: row.name,
    selector: `device.name == "${fromJson(row.spec).device}"`,
  }
  await deployDetector(hub, owner, { name: row.name, ...versions })
}

/** Deploys a detector and its alarm. */
export async function deployDetector(
  hub: Hub,
  owner: Owner,
  { name, modelVersion, flowVersion }: Versions & { name: string },
): Promise<void> {
  await deployOne(hub, owner, { name, version: modelVersion })
  await deployOne(hub, owner, { name: alarmFlowName(name), version: flowVersion })
}

async function deployOne(hub: Hub, owner: Owner, { name, version }: { name: string; version: number }) {
  const { organisationId, learning, selector, isForced } = owner
  const rolloutIds = await hub.store.transaction(async (tx) => {
    const current = await findDeployment(tx, organisationId, name)
    const isSelected = !isForced || current?.spec.selector === selector
    if (current?.version === version && isSelected) return []
    const nowMs = hub.clock.nowMs()
    const spec = current
      ? { ...current.spec, version: String(version), ...(isForced && { selector }) }
      : DeploymentSpec.parse({ name, deployable: name, version: String(version), selector })
    await refuseUnfit(tx, hub, { organisationId, deployable: name, version })
    const applied = await applyDeployment(tx, hub, { organisationId, nowMs, spec, ifRevision: current?.revision ?? 0 })
    await appendAudit(tx, {
      organisationId,
      atMs: nowMs,
      actor: { kind: 'hub', id: '', name: 'hub' },
      action: 'deployment.apply',
      object: { kind: 'deployment', id: name },
      result: 'ok',
      detail: { change: applied.change, version, learning },
    })
    return applied.rolloutIds
  })
  publishRollouts(hub, rolloutIds)
}
