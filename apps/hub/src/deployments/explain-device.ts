/**
 * Explain device: loads the stored facts about a deployment on a device, so that core can explain the device's state.
 */
import type { Explanation } from '@skerry/contract/deployments/deployment'
import type { DeviceId } from '@skerry/contract/values/ids'
import { explain } from '@skerry/core/deployments/explain'
import { checkPlacement } from '@skerry/core/deployments/placement'
import { compareAge, offeredRevision } from '@skerry/core/devices/desired'
import { type DeviceRow, factsOf, itemsOf } from '../devices/device-store.ts'
import { livenessOf } from '../devices/liveness.ts'
import { findMember } from '../rollouts/member-store.ts'
import { findRollout, type RolloutRecord } from '../rollouts/rollout-store.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { RolloutMemberTable } from '../store/tables/deployment-tables.ts'
import type { DeploymentInForce } from './deployment-store.ts'
import { classStanding, missingBytesOf, needsOf, rivalMembers } from './population.ts'

type Question = { deployment: DeploymentInForce; row: DeviceRow; nowMs: number }

/** The reason why the device does, or does not, run the version of the deployment. */
export async function explainDevice(db: Db, { deployment, row, nowMs }: Question): Promise<Explanation> {
  const { organisationId, rolloutId, version } = deployment
  const rollout = await findRollout(db, { organisationId, rolloutId })
  const member = await findMember(db, rolloutId, row.id)
  const report = (await itemsOf(db, row.id)).find(({ deploymentId }) => deploymentId === deployment.id)
  const checks = checkPlacement(
    {
      facts: factsOf(row, nowMs),
      inventory: row.inventory === null ? undefined : fromJson(row.inventory),
      owner: await olderOwner(db, deployment, row.id),
      missingBytes: missingBytesOf(classStanding(deployment, row).form ?? deployment, report?.serving?.digest),
    },
    needsOf(deployment),
  )
  return explain({
    device: row.name,
    deployment: deployment.name,
    checks,
    rollout: rollout && { ...rollout.state, version, waves: rollout.plan.waves.map(({ name }) => name) },
    member: member && { ...member, cause: member.cause === null ? undefined : fromJson(member.cause) },
    offeredVersion: rollout && member && (await offeredVersion(db, deployment, { rollout, member })),
    report,
    liveness: livenessOf(row, nowMs),
  })
}

async function olderOwner(db: Db, deployment: DeploymentInForce, deviceId: DeviceId): Promise<string | undefined> {
  const rivals = await rivalMembers(db, deployment)
  return rivals.find((rival) => rival.deviceId === deviceId && compareAge(rival, deployment) < 0)?.name
}

type Place = { rollout: RolloutRecord; member: RolloutMemberTable }

async function offeredVersion(db: Db, { id, stableRevision }: DeploymentInForce, { rollout, member }: Place) {
  const revision = offeredRevision({
    rollout: rollout.state,
    revision: rollout.revision,
    member: { ...member, previousRevision: member.previous_revision ?? undefined },
    stableRevision,
  })
  const found = await db
    .selectFrom('deployment_revisions')
    .select('version')
    .where('deployment_id', '=', id)
    .where('revision', '=', revision ?? 0)
    .executeTakeFirst()
  return found?.version
}
