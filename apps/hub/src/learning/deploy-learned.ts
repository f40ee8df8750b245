/** Deploy learned: the device that learned gets the detector and its alarm, by ordinary deployments. */
import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
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

/** A deployment of the name keeps its own settings, and gets the new version. */
export async function deployLearned(hub: Hub, row: LearningTable, versions: Versions): Promise<void> {
  await deployOne(hub, row, { name: row.name, version: versions.modelVersion })
  await deployOne(hub, row, { name: alarmFlowName(row.name), version: versions.flowVersion })
}

async function deployOne(hub: Hub, row: LearningTable, { name, version }: { name: string; version: number }) {
  const organisationId = row.organisation_id
  const { device } = fromJson(row.spec)
  const rolloutIds = await hub.store.transaction(async (tx) => {
    const current = await findDeployment(tx, organisationId, name)
    if (current?.version === version) return []
    const nowMs = hub.clock.nowMs()
    const spec = current
      ? { ...current.spec, version: String(version) }
      : DeploymentSpec.parse({
          name,
          deployable: name,
          version: String(version),
          selector: `device.name == "${device}"`,
        })
    await refuseUnfit(tx, hub, { organisationId, deployable: name, version })
    const applied = await applyDeployment(tx, hub, { organisationId, nowMs, spec, ifRevision: current?.revision ?? 0 })
    await appendAudit(tx, {
      organisationId,
      atMs: nowMs,
      actor: { kind: 'hub', id: '', name: 'hub' },
      action: 'deployment.apply',
      object: { kind: 'deployment', id: name },
      result: 'ok',
      detail: { change: applied.change, version, learning: row.name },
    })
    return applied.rolloutIds
  })
  publishRollouts(hub, rolloutIds)
}
